// CallbackListener: a port of 127.0.0.1 to which a browser brings the answer of a login (RFC 8252,
// 7.3). It takes one kind of request, GET of one path, and answers everything else with 404.
//
// Any process of this machine can connect: what it brings must be checked by the caller (the state
// that the login began with), and a wrong answer leaves the wait as it was.
//
// Errors: Error{System} where the port is taken. Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/os/loopback_listener.h"

namespace prodaccess {

// The path and query of an HTTP request's first line, where it is a GET that is whole; pure.
std::optional<std::string> target_of_get(std::string_view request);

class CallbackListener {
 public:
  // `port` 0: any free one.
  explicit CallbackListener(std::uint16_t port) : listener_(port) {}
  std::uint16_t port() const { return listener_.port(); }

  // The query of the first GET of `path` whose query `accepts`; its sender is shown `page` (HTML).
  // Absent: none came within `patience`.
  std::optional<std::string> wait_for(const std::string& path,
                                      const std::function<bool(std::string_view query)>& accepts,
                                      std::string_view page, Milliseconds patience);

 private:
  LoopbackListener listener_;
};

}  // namespace prodaccess
