// A link that signs a browser in to the AWS console as the credential's identity.
// IAM User Guide, "Enable custom identity broker access to the AWS console".
//
// The link is a secret for 15 minutes, and the session in the browser may outlive the credential.
// Errors: Error{Provider}; Error{Usage} for a long-term key. Threads: one.
#pragma once

#include <optional>
#include <string>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "providers/aws/aws_credential.h"
#include "providers/http/http_client.h"

namespace prodaccess {

struct ConsoleRequest {
  std::string region;               // the partition follows from it
  std::string destination;          // a page of the console; "": its first one
  std::optional<Seconds> duration;  // of the browser's session; AWS refuses it for chained roles
  std::string federation_endpoint;  // in place of AWS's own; http:// to loopback addresses
};

Secret console_link(HttpClient& http, const AwsCredential& credential,
                    const ConsoleRequest& request);

}  // namespace prodaccess
