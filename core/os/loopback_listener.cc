#include "core/os/loopback_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <cerrno>

#include "core/base/error.h"

namespace prodaccess {

LoopbackListener::LoopbackListener(std::uint16_t port)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  const int on = 1;  // a fixed port may have served just before
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (!descriptor_ ||
      setsockopt(descriptor_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(descriptor_.get(), name, size) != 0 || listen(descriptor_.get(), 16) != 0 ||
      getsockname(descriptor_.get(), name, &size) != 0) {
    if (port == 0) throw system_error("cannot listen on 127.0.0.1", errno);
    throw system_error("cannot listen on port " + std::to_string(port) + " of 127.0.0.1", errno,
                       {"end what listens there (another login?), or choose another port"});
  }
  port_ = ntohs(address.sin_port);
}

std::optional<LocalConnection> LoopbackListener::accept() {
  Descriptor accepted(accept4(descriptor_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (accepted) return LocalConnection(std::move(accepted));
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNABORTED) {
    return std::nullopt;
  }
  throw system_error("cannot accept on 127.0.0.1", errno);
}

PollTimer::PollTimer() : descriptor_(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!descriptor_) throw system_error("cannot make a timer", errno);
}

void PollTimer::set(Milliseconds time) {
  itimerspec spec{};
  spec.it_value = {time.count() / 1000, time.count() % 1000 * 1'000'000};
  if (timerfd_settime(descriptor_.get(), 0, &spec, nullptr) != 0) {
    throw system_error("cannot set a timer", errno);
  }
}

}  // namespace prodaccess
