// LoopbackListener: a TCP socket on 127.0.0.1, on a port that the kernel chooses or a fixed one.
// Unlike a Unix socket it tells nothing of who calls: what is served here asks for a token. Nothing
// blocks.
//
// Errors: Error{System}. Threads: one listener with its connections, one thread.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.h"
#include "core/os/descriptor.h"
#include "core/os/local_listener.h"

namespace prodaccess {

class LoopbackListener {
 public:
  // `port` 0: the kernel chooses.
  explicit LoopbackListener(std::uint16_t port = 0);

  int descriptor() const { return descriptor_.get(); }
  std::uint16_t port() const { return port_; }
  // The next caller; absent: there is none. Throws where descriptors have run out.
  std::optional<LocalConnection> accept();

 private:
  Descriptor descriptor_;
  std::uint16_t port_ = 0;
};

// Readable once a time has passed: a deadline in a poll.
class PollTimer {
 public:
  PollTimer();
  int descriptor() const { return descriptor_.get(); }
  // From now; zero: never.
  void set(Milliseconds time);

 private:
  Descriptor descriptor_;
};

}  // namespace prodaccess
