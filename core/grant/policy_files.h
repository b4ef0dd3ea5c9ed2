// Policy files: policy.toml and policy.d/*.toml beneath the system's and the user's configuration
// folder, read into one Policy together with the configuration's [environments].
//
// Errors: Error{Policy} with FILE:LINE:COLUMN; Error{Unsafe} for owner, mode or kind of a file.
#pragma once

#include "core/grant/config.h"
#include "core/policy/policy.h"

namespace prodaccess {

Policy load_policy(Files& files, const ConfigPaths& paths, const Config& config);

}  // namespace prodaccess
