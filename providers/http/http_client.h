// HttpClient: one strict HTTP exchange at a time, by libcurl, which is opened on first use.
//
// HTTPS with TLS 1.2 or better; plain HTTP only to loopback addresses and only where the caller
// says that trusted configuration allows it (the metadata services' link-local addresses likewise).
// No redirects. Body at most 1 MiB, headers 64 KiB, 30 s in all. No proxy, CA or .netrc from the
// environment.
//
// Errors: Error{Provider} naming method and host, never a header or body. A status of 400 and above
// is not an error here. Threads: one client, one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;  // sent as given, in order
  Secret body;
  Milliseconds timeout{30'000};
  bool allow_plain_http = false;   // loopback and metadata addresses only
  std::string ca_file;             // "" for the system's
  std::string client_certificate;  // PEM files for mutual TLS
  std::string client_key;
  std::string unix_socket;
};

struct HttpResponse {
  int status = 0;
  std::multimap<std::string, std::string> headers;  // names in lower case
  Secret body;

  std::optional<std::string> header(const std::string& lower_name) const;
};

// No whole reply came. `sent_nothing`: the server cannot have acted, so repeating is always safe.
class HttpFailure : public Error {
 public:
  HttpFailure(const std::string& what, bool sent_nothing, std::vector<std::string> hints = {});
  bool sent_nothing() const { return sent_nothing_; }

 private:
  bool sent_nothing_;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual HttpResponse send(const HttpRequest& request) = 0;
};

std::unique_ptr<HttpClient> make_http_client();

// Sends, and again (at most 4 times in all, exponential with jitter, Retry-After honoured up to 60
// s) while `again` says that repeating is safe and useful. `again` sees the response, or null where
// the connection failed.
using RetryRule = std::function<bool(const HttpResponse* response)>;
HttpResponse send_with_retries(HttpClient& client, const HttpRequest& request,
                               const RetryRule& again);

}  // namespace prodaccess
