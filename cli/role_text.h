// What is said of a role, in `roles`, `request` and `doctor`.
#pragma once

#include <string>
#include <vector>

#include "core/grant/role.h"

namespace prodaccess {

class Context;

struct RoleText {
  std::string target;                // what it gives access to, by the provider's description
  std::vector<std::string> effects;  // "read", "write", ...
  std::vector<std::string> needs;    // "a reason", "a ticket like INC-[0-9]+"
  std::vector<std::string> notes;    // the provider's: "self-issued: limits are advisory"
};

RoleText describe_role(Context& context, const Role& role);

}  // namespace prodaccess
