#include "core/os/interruptible_sleep.h"

#include <poll.h>

#include "core/base/time.h"

namespace prodaccess {

std::optional<int> InterruptibleSleep::until(std::chrono::steady_clock::time_point instant) {
  while (true) {
    while (const auto signal = fence_.next()) {
      const int number = static_cast<int>(signal->ssi_signo);
      switch (number) {
        case SIGHUP:
        case SIGINT:
        case SIGQUIT:
        case SIGPIPE:
        case SIGTERM: return number;
        case SIGTSTP:
        case SIGTTIN:
        case SIGTTOU: fence_.stop_here(number); break;
        default: break;
      }
    }
    const auto left =
        std::chrono::ceil<Milliseconds>(instant - std::chrono::steady_clock::now()).count();
    if (left <= 0) return std::nullopt;
    constexpr Milliseconds::rep kLongest = 3'600'000;
    pollfd wait{fence_.fd(), POLLIN, 0};
    poll(&wait, 1, static_cast<int>(std::min(left, kLongest)));
  }
}

}  // namespace prodaccess
