// The engine of `policy test`: runs the [[test]]s that stand beside the rules. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/policy/layer.h"
#include "core/policy/policy.h"

namespace prodaccess {

// How a test's command is read, and what is known of a role (throws Error{NotFound}).
struct PolicyTestWorld {
  std::function<Invocation(const PolicyTest&)> understand;
  std::function<DecisionContext(const std::string& role)> role;
};

struct PolicyTestResult {
  SourcePosition position;
  std::string command;                   // as written
  std::vector<std::string> differences;  // "verdict: expected deny, is allow"; none: passed
  RuleReference rule;                    // that decided
};

std::vector<PolicyTestResult> run_policy_tests(const Policy& policy, const PolicyTestWorld& world);

}  // namespace prodaccess
