// The external token of a federation, from the source that its file names: a file, an address, a
// program or AWS. Asked for anew each time; no cache file is read or written.
// https://google.aip.dev/auth/4117 (file, address, AWS), google.aip.dev/auth/4117 "Executable"
//
// Errors: Error{Provider}. Threads: one.
#pragma once

#include <string>
#include <string_view>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "providers/gcp/credential_file.h"
#include "providers/gcp/gcp_host.h"
#include "providers/gcp/google_api.h"

namespace prodaccess {

Secret fetch_subject_token(const GcpHost& host, GoogleApi& api, const ExternalAccountFile& file);

// GetCallerIdentity signed by what the environment or the instance metadata gives, as the text that
// Google sends on to AWS.
Secret fetch_aws_subject(const GcpHost& host, GoogleApi& api, const ExternalAccountFile& file,
                         const AwsSource& source);

// Pure. The token in `text`, as the format says.
Secret subject_in(std::string_view text, const SubjectFormat& format, const std::string& where);

// Pure. What an executable source printed (google-auth's "pluggable" form, version 1).
Secret read_executable_answer(std::string_view text, const std::string& wanted_type, WallTime now);

}  // namespace prodaccess
