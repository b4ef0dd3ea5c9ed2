// A role's `env` templates: text with {field}s of a credential put in.
#pragma once

#include <string>

#include "core/base/secret.h"
#include "core/grant/credential.h"

namespace prodaccess {

// "{{" and "}}" stand for braces. Throws Error{Config} naming the fields there are, for one that
// the credential lacks; never a value.
Secret fill_template(const std::string& text, const Credential& credential);

}  // namespace prodaccess
