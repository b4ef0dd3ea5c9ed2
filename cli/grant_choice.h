// Which grant a command runs under.
#pragma once

#include <string>

#include "core/grant/grant.h"

namespace prodaccess {

class Context;

// The live grant named by `role_or_id` (a role's name, or the beginning of a grant's id), or, where
// that is empty, the only live grant whose provider serves `tool`. Throws Error{NoGrant} with the
// `request` line, Error{Usage} where several would do. Touches no keyring.
Grant choose_grant(Context& context, const std::string& role_or_id, const std::string& tool);

}  // namespace prodaccess
