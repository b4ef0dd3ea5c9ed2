// The built-in table: the default where no rule of the system layer decides (prodaccess-policy(5),
// DEFAULTS).
#pragma once

#include <optional>
#include <set>
#include <string>

#include "core/command/invocation.h"
#include "core/policy/decide.h"
#include "core/policy/ruling.h"

namespace prodaccess {

// A person sits at a terminal and can be asked.
bool can_ask(const DecisionContext& context);

// What of a target and of the line the table looks at.
struct Circumstances {
  const std::set<std::string>& labels;      // of the target
  std::optional<std::int64_t> scale_bound;  // the smallest that the policy declares
  bool trusted_program = false;  // this part is the program that `trusted_programs` names
};

// The table's row for one part on one target.
Ruling builtin_ruling(const Invocation& part, Effect effect, const Circumstances& circumstances,
                      const DecisionContext& context);

// Whether an opaque part may run freely because the provider itself narrows the credential, to what
// the role allows and to what needs no question.
bool fenced_by_provider(const DecisionContext& context);

// What is hidden or lies beyond a limit: nothing lowers what it counts as.
bool is_hidden(const Invocation& part);

// How often a person is asked before a command of this effect.
std::uint8_t confirmations_for(Effect effect);

}  // namespace prodaccess
