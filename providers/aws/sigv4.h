// Signature Version 4: signs an HTTP request in its headers, or in its query (presigned). Pure.
//
// Paths are percent-encoded a second time, as every service but S3 wants it. Canonical requests
// and presigned URLs hold session tokens: both are Secrets.
// IAM User Guide, "Create a signed AWS API request".
//
// Errors: none of its own; parse_url's for a URL that is none. Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "providers/aws/aws_credential.h"
#include "providers/http/http_client.h"

namespace prodaccess {

// How to sign, beside the request itself.
struct SigV4Scope {
  std::string region;
  std::string service;
  WallTime time{};
  bool normalize_path = true;        // S3 alone keeps "." and ".." and "//"
  bool sign_body_hash = false;       // send and sign x-amz-content-sha256 as well
  bool token_after_signing = false;  // the session token is added, but not signed
};

// A request as the signature sees it. `headers` must have Host, and all that will be sent;
// those that proxies change are left unsigned.
struct SigV4Request {
  std::string method;
  std::string path;   // as on the wire
  std::string query;  // as on the wire, without '?'
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
};

struct SigV4Signature {
  Secret canonical_request;
  std::string string_to_sign;
  std::string signature;
};

// Adds X-Amz-Date, X-Amz-Security-Token (temporary keys) and Authorization to the headers.
SigV4Signature sign_headers(SigV4Request& request, const AwsCredential& credential,
                            const SigV4Scope& scope);

// Adds the X-Amz-* parameters to the query.
SigV4Signature sign_query(SigV4Request& request, const AwsCredential& credential,
                          const SigV4Scope& scope, Seconds expires);

// Signs `request` in its headers; Host is that of its URL.
void sign_http_request(HttpRequest& request, const AwsCredential& credential,
                       const SigV4Scope& scope);

// A GET of `url`, presigned. `headers`: signed beside Host, and to be sent by whoever uses the URL.
Secret presigned_url(const std::string& url,
                     const std::vector<std::pair<std::string, std::string>>& headers,
                     const AwsCredential& credential, const SigV4Scope& scope, Seconds expires);

}  // namespace prodaccess
