#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/os/descriptor.h"
#include "core/os/sealed_file.h"
#include "core/os/sink_transport.h"

namespace prodaccess {
namespace {

struct Address {
  bool stream = false;
  std::string path;  // of a local socket
  std::string host;
  std::string port;
};

Address parse_address(const std::string& text) {
  Address address;
  if (text.compare(0, 5, "unix:") == 0 && text.size() > 6) {
    address.path = text.substr(5);
    return address;
  }
  const std::string scheme = text.substr(0, 6);
  const std::size_t colon = text.rfind(':');
  if ((scheme != "udp://" && scheme != "tcp://") || colon <= 6 || colon + 1 >= text.size()) {
    throw Error(ErrorCode::Config, "no address of a sink: " + text, {"udp://HOST:514"});
  }
  address.stream = scheme == "tcp://";
  address.host = text.substr(6, colon - 6);
  if (address.host.size() > 2 && address.host.front() == '[') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  address.port = text.substr(colon + 1);
  return address;
}

class SocketTransport final : public SinkTransport {
 public:
  SocketTransport(const std::string& address, Milliseconds timeout)
      : text_(address), address_(parse_address(address)), timeout_(timeout) {}

  void send(const std::vector<std::string>& messages) override {
    deadline_ = std::chrono::steady_clock::now() + timeout_;
    if (!socket_) socket_ = address_.path.empty() ? connect_host() : connect_local();
    try {
      for (const std::string& message : messages) {
        send_one(address_.stream ? std::to_string(message.size()) + " " + message : message);
      }
      if (address_.stream) check_still_open();
    } catch (const Error&) {
      socket_ = Descriptor();
      throw;
    }
  }

 private:
  [[noreturn]] void fail(int error) const { throw system_error("sending to " + text_, error); }

  int time_left() const {
    const auto left =
        std::chrono::duration_cast<Milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) fail(ETIMEDOUT);
    return static_cast<int>(left.count());
  }

  void wait_writable(int fd) const {
    pollfd waiting{fd, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, time_left());
    if (ready == 0) fail(ETIMEDOUT);
    if (ready < 0 && errno != EINTR) fail(errno);
  }

  Descriptor connect_local() const {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (address_.path.size() >= sizeof(name.sun_path)) fail(ENAMETOOLONG);
    std::memcpy(name.sun_path, address_.path.data(), address_.path.size());
    Descriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0) {
      fail(errno);
    }
    return fd;
  }

  Descriptor connect_host() const {
    addrinfo hints{};
    hints.ai_socktype = address_.stream ? SOCK_STREAM : SOCK_DGRAM;
    addrinfo* found = nullptr;
    const int problem = ::getaddrinfo(address_.host.c_str(), address_.port.c_str(), &hints, &found);
    if (problem != 0) {
      throw Error(ErrorCode::System, "sending to " + text_ + ": " + ::gai_strerror(problem));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    int error = EADDRNOTAVAIL;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
      Descriptor fd(::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                             each->ai_protocol));
      if (!fd) continue;
      if (::connect(fd.get(), each->ai_addr, each->ai_addrlen) == 0) return fd;
      error = errno;
      if (error != EINPROGRESS) continue;
      wait_writable(fd.get());
      socklen_t size = sizeof(error);
      ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      if (error == 0) return fd;
    }
    fail(error);
  }

  void send_one(const std::string& frame) const {
    std::string_view rest = frame;
    while (!rest.empty()) {
      const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        wait_writable(socket_.get());
      } else if (errno == EMSGSIZE && !address_.path.empty()) {
        return send_as_file(rest);
      } else if (errno != EINTR) {
        fail(errno);
      }
    }
  }

  // What does not fit a datagram: a sealed file in memory, whose descriptor is sent instead, as
  // journald's native protocol has it (systemd.io/JOURNAL_NATIVE_PROTOCOL).
  void send_as_file(std::string_view content) const {
    const Descriptor file = sealed_file("prodaccess-record", content);
    union {
      cmsghdr header;
      std::array<char, CMSG_SPACE(sizeof(int))> space;
    } control{};
    msghdr message{};
    message.msg_control = control.space.data();
    message.msg_controllen = control.space.size();
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    const int number = file.get();
    std::memcpy(CMSG_DATA(&control.header), &number, sizeof(number));
    while (::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        wait_writable(socket_.get());
      } else if (errno != EINTR) {
        fail(errno);
      }
    }
  }

  // A peer that has hung up is noticed here rather than by losing the next messages.
  void check_still_open() const {
    std::array<char, 64> scratch{};
    const ssize_t got = ::recv(socket_.get(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (got == 0) fail(ECONNRESET);
    if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK) fail(errno);
  }

  std::string text_;
  Address address_;
  Milliseconds timeout_;
  std::chrono::steady_clock::time_point deadline_;
  Descriptor socket_;
};

}  // namespace

std::unique_ptr<SinkTransport> make_socket_transport(const std::string& address,
                                                     Milliseconds timeout) {
  return std::make_unique<SocketTransport>(address, timeout);
}

}  // namespace prodaccess
