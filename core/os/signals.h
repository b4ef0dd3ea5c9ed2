// SignalFence: while it stands, signals sent to this process are not acted on but can be read one
// by one, with who sent them. Only those that our own mistakes raise (SEGV, BUS, FPE, ILL, TRAP,
// SYS) stay as they are.
//
// Threads: of the thread that made it, which must be the only one.
#pragma once

#include <signal.h>
#include <sys/signalfd.h>

#include <optional>

#include "core/os/descriptor.h"

namespace prodaccess {

class SignalFence {
 public:
  SignalFence();
  ~SignalFence();  // what was not read is acted on now
  SignalFence(const SignalFence&) = delete;
  SignalFence& operator=(const SignalFence&) = delete;

  int fd() const { return fd_.get(); }  // readable when a signal waits
  std::optional<signalfd_siginfo> next();
  // The mask that was in force before.
  const sigset_t& outer_mask() const { return outer_; }
  // Whether a signal waits that would have ended this process.
  bool ending_pending() const;
  // Stops this process as `signal` would have, and returns when it is continued.
  void stop_here(int signal) const;

 private:
  sigset_t blocked_{};
  sigset_t outer_{};
  Descriptor fd_;
};

// Whether a process sent it (kill, sigqueue), not the terminal or the kernel.
bool sent_by_process(const signalfd_siginfo& signal);

}  // namespace prodaccess
