// Versions of this program, and `requires = ">= 1.3"` of configuration and policy files.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace prodaccess {

std::string_view version();  // "0.1.0"

// Throws Error{code} unless `requirement` is well formed and this version meets it. `where` names
// the file and place.
void check_requirement(std::string_view requirement, const std::string& where,
                       ErrorCode code = ErrorCode::Config);

}  // namespace prodaccess
