// Lint: rules that say nothing: they can never match, stand twice, or are covered by a stricter
// one. Pure; what exists beside the policy (roles, tools, groups) comes in.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/policy/policy.h"

namespace prodaccess {

struct LintWorld {
  std::set<std::string> roles;
  std::set<std::string> groups;                                       // of [approvals]
  std::set<std::string> sinks;                                        // of [audit]
  std::set<std::string> anomalies;                                    // all rules of anomalies
  std::set<std::string> tools;                                        // of all packs
  std::function<std::vector<std::string>(const std::string&)> verbs;  // of a tool; may be empty
};

struct LintFinding {
  std::string place;  // FILE:LINE:COLUMN
  std::string rule;
  std::string message;
};

// In the order of the files.
std::vector<LintFinding> lint_policy(const Policy& policy, const LintWorld& world);

}  // namespace prodaccess
