// Identity tokens (OpenID Connect) that AssumeRoleWithWebIdentity takes: from a file, a variable,
// or GitHub's token service. They are read anew for each call, as they are short-lived.
//
// Errors: Error{Provider} naming the source, never the token. Threads: one.
#pragma once

#include <string>

#include "core/base/secret.h"
#include "core/os/files.h"
#include "providers/aws/metadata_credentials.h"
#include "providers/http/http_client.h"

namespace prodaccess {

// The platform puts such files there, often as links of root: links are followed.
Secret web_token_of_file(Files& files, const std::string& path);

// GitLab's `id_tokens`, and whatever else is put into the environment.
Secret web_token_of_variable(const AwsEnvironment& environment, const std::string& name);

// GitHub Docs, "OpenID Connect reference": the job needs `permissions: id-token: write`.
Secret web_token_of_github(HttpClient& http, const AwsEnvironment& environment,
                           const std::string& audience);

}  // namespace prodaccess
