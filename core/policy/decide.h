// decide: the pure judgement. No I/O, no clock: everything comes in.
//
// Every part of a compound is judged for itself, for each of its targets, and the verdicts are
// joined by the strictest. What stands hidden, or beyond a limit, counts as destructive and as the
// worst that was seen. guard.md's table is the default where no rule of the system layer decides.
// Cost: about a microsecond a part, flat in the number of rules (rule_index.h). Threads: pure.
#pragma once

#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/command/invocation.h"
#include "core/policy/decision.h"
#include "core/policy/hours.h"
#include "core/policy/policy.h"

namespace prodaccess {

// What of a Role and of the moment a decision depends on.
struct DecisionContext {
  std::string role;                       // "" outside a grant (`policy explain`)
  std::optional<EffectSet> role_effects;  // absent: all
  std::vector<std::string> role_tools;    // empty: all
  // Where the role may act: keys as in [environments]; empty: anywhere.
  std::vector<std::string> role_targets;
  std::optional<Hours> role_hours;  // absent: always
  std::optional<Effect> narrowed;   // the provider itself narrows the credential to this
  bool in_grant = false;
  IdentityClass identity = IdentityClass::Human;
  bool terminal = true;  // a person can be asked
  WallTime now{};
  std::int64_t destructive_last_hour = 0;  // under this role, from the ledger
  // The program that argv[0] resolves to is in `trusted_programs`: path and digest were compared.
  bool trusted_program = false;
  // Where the grant's credential acts: fills what the targets of that system leave open.
  Target grant_target;
  std::vector<std::string> anomalies;  // what is unusual now: "first-verb", "burst" (anomaly.h)
};

Decision decide(const Policy& policy, const Invocation& invocation, const DecisionContext& context);

}  // namespace prodaccess
