// Sinks that need a network library: a webhook over HTTPS, syslog over TLS (RFC 5425).
//
// Errors: Error{Provider} naming the host. Threads: one.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/time.h"
#include "core/os/sink_transport.h"
#include "providers/http/http_client.h"

namespace prodaccess {

struct WebhookPlan {
  std::string url;
  std::string ca_file;
  Milliseconds timeout{5000};
  // The value of X-Prodaccess-Signature for a body.
  std::function<std::string(const std::string& body)> sign;
};

// `client` must outlive the transport. Any answer but 2xx is an error.
std::unique_ptr<SinkTransport> make_webhook_transport(HttpClient& client, WebhookPlan plan);

// "tls://HOST:PORT"; the certificate must be HOST's, by `ca_file` or the system's authorities.
std::unique_ptr<SinkTransport> make_tls_transport(const std::string& address,
                                                  const std::string& ca_file, Milliseconds timeout);

}  // namespace prodaccess
