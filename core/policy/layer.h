// PolicyLayer: what one policy file says. Immutable once read (policy_reader.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/config_table.h"
#include "core/policy/rule.h"
#include "core/policy/rule_index.h"

namespace prodaccess {

// [[test]]: what must come out for a command. Absent expectations are not looked at.
struct PolicyTest {
  struct Expectation {
    std::optional<Verdict> verdict;
    std::optional<std::string> rule;
    std::optional<Effect> effect;
    std::optional<bool> preview;
    std::optional<bool> reason;
    std::optional<bool> ticket;
    std::optional<std::int64_t> confirmations;
    std::optional<std::int64_t> approvals;  // people in all
  };

  SourcePosition position;
  std::vector<std::string> argv;  // either this
  std::string line;               // or a line as a shell would read it
  std::string role;
  std::optional<WallTime> at;
  IdentityClass identity = IdentityClass::Human;
  bool terminal = true;
  std::vector<std::string> anomalies;
  std::int64_t destructive_last_hour = 0;
  Expectation expect;
};

struct PolicyLayer {
  std::string file;
  std::vector<Rule> rules;
  RuleIndex index;  // over `rules`
  std::vector<PolicyTest> tests;
  std::map<std::string, std::vector<std::string>, std::less<>> environments;
  std::optional<std::int64_t> scale_bound;
};

}  // namespace prodaccess
