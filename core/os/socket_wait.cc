#include "core/os/socket_wait.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "core/base/error.h"

namespace prodaccess {

bool wait_for_socket(int descriptor, SocketWait what, Milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int events = 0;
  if (what != SocketWait::Writable) events |= POLLIN;
  if (what != SocketWait::Readable) events |= POLLOUT;
  pollfd wanted{descriptor, static_cast<short>(events), 0};
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    const int timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
    const int ready = ::poll(&wanted, 1, timeout);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) throw system_error("waiting for a socket", errno);
  }
}

void limit_receive_buffer(int descriptor, int bytes) {
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

}  // namespace prodaccess
