// The login of an Amazon ECR registry, as `docker login` takes it: user AWS and a password of 12
// hours. Amazon ECR API Reference, GetAuthorizationToken.
//
// Errors: AwsError-like Error{Provider}; Error{NotFound} for a server that is no ECR registry.
// Threads: one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/secret.h"
#include "core/os/clock.h"
#include "providers/aws/aws_credential.h"
#include "providers/http/http_client.h"

namespace prodaccess {

struct EcrRegistry {
  std::string host;     // "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
  std::string account;  // 12 digits
  std::string region;
};

// From a server's address as docker gives it: scheme, path and a final newline do not matter.
std::optional<EcrRegistry> parse_ecr_registry(std::string_view server);

struct EcrLogin {
  std::string user;
  Secret password;
};

// `endpoint`: in place of AWS's own.
EcrLogin ecr_login(HttpClient& http, const Clock& clock, const AwsCredential& credential,
                   const EcrRegistry& registry, const std::string& endpoint = "");

}  // namespace prodaccess
