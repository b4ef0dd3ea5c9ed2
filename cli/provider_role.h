// A role, for what only one provider's roles have.
#pragma once

#include <string>

#include "core/grant/role.h"

namespace prodaccess {

class Context;

// Throws Error{Usage} where the role has another provider, Error{NotFound} where there is none.
const Role& role_of_provider(Context& context, const std::string& name,
                             const std::string& provider);

}  // namespace prodaccess
