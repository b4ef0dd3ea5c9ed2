// Credentials that the machine itself gives: the container endpoint of ECS and EKS, and the EC2
// instance metadata service (version 2 only).
// AWS SDKs and Tools Reference, "Container credential provider", "IMDS credential provider".
//
// Errors: Error{Provider} naming the endpoint. Threads: one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/secret.h"
#include "core/os/files.h"
#include "providers/aws/aws_credential.h"
#include "providers/http/http_client.h"

namespace prodaccess {

using AwsEnvironment = std::map<std::string, std::string, std::less<>>;

// Absent: the environment names no container endpoint.
std::optional<AwsCredential> container_credentials(HttpClient& http, Files& files,
                                                   const AwsEnvironment& environment);

// Whether this machine is said to be an instance, or may be one.
enum class InstanceRole { Expected, Possible };

// Absent: switched off, the instance has no role, or nobody answers where none is expected.
std::optional<AwsCredential> instance_credentials(HttpClient& http,
                                                  const AwsEnvironment& environment,
                                                  InstanceRole role);

// The object that both answer with, and that `credential_process` prints with other names.
// `token_name`: "Token" or "SessionToken". Strict.
AwsCredential read_credential_json(std::string_view text, std::string_view token_name,
                                   const std::string& source);

}  // namespace prodaccess
