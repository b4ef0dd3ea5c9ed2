#include "core/os/signals.h"

#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"

namespace prodaccess {

SignalFence::SignalFence() {
  sigfillset(&blocked_);
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) {
    sigdelset(&blocked_, own);
  }
  if (sigprocmask(SIG_BLOCK, &blocked_, &outer_) != 0) throw system_error("the signal mask", errno);
  fd_ = Descriptor(signalfd(-1, &blocked_, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) {
    const int error = errno;
    sigprocmask(SIG_SETMASK, &outer_, nullptr);
    throw system_error("a descriptor for signals", error);
  }
}

SignalFence::~SignalFence() { sigprocmask(SIG_SETMASK, &outer_, nullptr); }

std::optional<signalfd_siginfo> SignalFence::next() {
  signalfd_siginfo signal{};
  if (read(fd_.get(), &signal, sizeof signal) != sizeof signal) return std::nullopt;
  return signal;
}

bool SignalFence::ending_pending() const {
  sigset_t pending{};
  sigpending(&pending);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) {
    struct sigaction now {};
    if (sigismember(&pending, signal) == 1 && sigaction(signal, nullptr, &now) == 0 &&
        now.sa_handler != SIG_IGN) {
      return true;
    }
  }
  return false;
}

void SignalFence::stop_here(int signal) const {
  struct sigaction standard {};
  struct sigaction before {};
  standard.sa_handler = SIG_DFL;
  if (signal != SIGSTOP) sigaction(signal, &standard, &before);
  raise(signal);
  sigset_t only{};
  sigemptyset(&only);
  sigaddset(&only, signal);
  sigprocmask(SIG_UNBLOCK, &only, nullptr);  // the stop is here
  sigprocmask(SIG_BLOCK, &blocked_, nullptr);
  if (signal != SIGSTOP) sigaction(signal, &before, nullptr);
}

bool sent_by_process(const signalfd_siginfo& signal) { return signal.ssi_code <= 0; }

}  // namespace prodaccess
