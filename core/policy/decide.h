// decide: the pure judgement. No I/O, no clock: everything comes in.
#pragma once

#include <string>

#include "core/base/time.h"
#include "core/command/invocation.h"
#include "core/policy/decision.h"
#include "core/policy/policy.h"

namespace prodaccess {

// What of a Role and of the moment a decision depends on.
struct DecisionContext {
  std::string role;                       // "" outside a grant (`policy explain`)
  std::optional<EffectSet> role_effects;  // absent: all
  std::vector<std::string> role_tools;    // empty: all
  std::optional<Effect> narrowed;         // the provider itself narrows the credential to this
  bool in_grant = false;
  IdentityClass identity = IdentityClass::Human;
  bool terminal = true;  // a person can be asked
  WallTime now{};
  std::int64_t destructive_last_hour = 0;  // under this role, from the ledger
};

Decision decide(const Policy& policy, const Invocation& invocation, const DecisionContext& context);

}  // namespace prodaccess
