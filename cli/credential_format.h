// The forms in which `creds` writes a credential.
#pragma once

#include <string>
#include <vector>

#include "core/base/secret.h"
#include "core/grant/credential.h"
#include "core/grant/role.h"

namespace prodaccess {

class Context;

// "env": export lines for a POSIX shell; "dotenv": NAME="value" lines; "json": the variables, tier
// and end; and the forms of single providers.
std::vector<std::string> credential_formats();

// Throws Error{Usage} where the credential has no such form.
Secret format_credential(Context& context, const Role& role, const Credential& credential,
                         const std::string& format);

}  // namespace prodaccess
