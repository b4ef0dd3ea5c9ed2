// Reads one [roles.NAME] table, strictly.
#pragma once

#include <string>

#include "core/grant/role.h"

namespace prodaccess {

// Takes every key of `table` but leaves the provider's own table to the provider
// (Role::parameters). Throws Error{Config} with FILE:LINE:COLUMN.
Role read_role(const std::string& name, ConfigTable table);

// What a user's file may change of a role that the system defines: only towards less. Throws
// Error{Config} for anything that widens.
void narrow_role(Role& role, ConfigTable table);

}  // namespace prodaccess
