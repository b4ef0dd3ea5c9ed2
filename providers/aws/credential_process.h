// credential_process: a program that prints keys.
// AWS CLI User Guide, "Sourcing credentials with an external process".
//
// Errors: Error{Provider} with the program's last words on standard error, escaped; never its
// output. Threads: one.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/os/helper_program.h"
#include "providers/aws/aws_credential.h"

namespace prodaccess {

using HelperRunner = std::function<HelperResult(const HelperRun&)>;

// `words`: the program, absolute, and its arguments. It gets HOME, PATH and LANG and no more.
AwsCredential process_credentials(const HelperRunner& run, const std::filesystem::path& home,
                                  const std::vector<std::string>& words);

// What a program that a role names prints, for instance an MFA code: one line.
Secret line_of_program(const HelperRunner& run, const std::filesystem::path& home,
                       const std::vector<std::string>& words);

}  // namespace prodaccess
