// SinkTransport: carries ready-made messages to a place outside: a socket, a web server.
//
// `send` returns once the other side has them, as far as the transport can know: an answer of 2xx
// for a webhook, handed to the kernel for the others (UDP and a local socket promise no more).
// Errors: Error{System} or Error{Provider} within the timeout; some messages may have arrived, so
// the receiver must bear duplicates. Threads: one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace prodaccess {

class SinkTransport {
 public:
  virtual ~SinkTransport() = default;
  virtual void send(const std::vector<std::string>& messages) = 0;
};

// "udp://HOST:PORT", "tcp://HOST:PORT" (octet counting, RFC 6587) or "unix:/PATH" (datagrams).
// Throws Error{Config} for another address.
std::unique_ptr<SinkTransport> make_socket_transport(const std::string& address,
                                                     Milliseconds timeout);

}  // namespace prodaccess
