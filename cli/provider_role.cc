#include "cli/provider_role.h"

#include "cli/context.h"
#include "core/base/error.h"

namespace prodaccess {

const Role& role_of_provider(Context& context, const std::string& name,
                             const std::string& provider) {
  const Role& role = context.config().role(name);
  if (role.provider == provider) return role;
  throw Error(ErrorCode::Usage,
              "role " + role.name + " has the provider " + role.provider + ", not " + provider,
              {"prodaccess roles   lists each role's provider"});
}

}  // namespace prodaccess
