// Narrowing: what a role refuses before any rule is asked, and which narrowing at the provider
// would be needed where the command cannot be judged.
#pragma once

#include "core/command/invocation.h"
#include "core/policy/decide.h"
#include "core/policy/ruling.h"

namespace prodaccess {

// A Deny with its reason, or the neutral ruling. `trusted_program`: this part is the program that
// the role trusts.
Ruling narrowing_ruling(const Invocation& part, bool trusted_program,
                        const DecisionContext& context);

}  // namespace prodaccess
