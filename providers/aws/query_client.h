// AwsQueryClient: one call of AWS's query protocol (STS, IAM): a signed form, answered in XML.
//
// Throttling and passing failures are tried again (http_client.h), for 15 s at most; a signature
// that was refused for its date is made once more with the server's clock.
//
// Errors: AwsError; HttpFailure where no reply came. Threads: one client, one thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/os/clock.h"
#include "providers/aws/aws_credential.h"
#include "providers/aws/aws_endpoint.h"
#include "providers/aws/aws_error.h"
#include "providers/http/http_client.h"

namespace prodaccess {

struct AwsQuery {
  std::string action;
  std::string version;
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::pair<std::string, const Secret*>> secret_fields;  // codes and tokens
  const AwsCredential* signer = nullptr;                             // null: unsigned
  AwsCallNote note;  // what only the caller knows; action, host and skew are filled in
};

class AwsQueryClient {
 public:
  // Both must outlive it.
  AwsQueryClient(HttpClient& http, const Clock& clock, AwsEndpoint endpoint);

  // The body of a good reply.
  Secret call(AwsQuery query);
  // The server's clock less ours, measured with each reply; zero before the first.
  Milliseconds skew() const { return skew_; }
  const AwsEndpoint& endpoint() const { return endpoint_; }

 private:
  HttpRequest request_for(const AwsQuery& query) const;
  HttpResponse exchange(const AwsQuery& query);
  void measure_skew(const HttpResponse& response);

  HttpClient& http_;
  const Clock& clock_;
  AwsEndpoint endpoint_;
  Milliseconds skew_{0};
};

}  // namespace prodaccess
