#include "core/os/local_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/error.h"

namespace prodaccess {
namespace {

bool try_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// Whether the other end runs as us or root.
bool trusted_peer(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path) {
    throw Error(ErrorCode::System, "the path of a socket is too long: " + name,
                {"use a shorter XDG_RUNTIME_DIR (a socket's path has at most 107 bytes)"});
  }
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  return address;
}

}  // namespace

std::optional<std::string> LocalConnection::read_some(std::size_t limit) {
  std::string bytes(limit, '\0');
  const ssize_t got = recv(descriptor_.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && try_later(errno)) return std::string();
  if (got <= 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

std::optional<std::size_t> LocalConnection::write_some(std::string_view bytes) {
  const ssize_t sent = send(descriptor_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && try_later(errno)) return 0;
  if (sent < 0) return std::nullopt;
  return static_cast<std::size_t>(sent);
}

LocalListener::LocalListener(std::filesystem::path path) : path_(std::move(path)) {
  const sockaddr_un address = address_of(path_);
  descriptor_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // The mode set before bind is the one that the socket's file gets.
  if (!descriptor_ || fchmod(descriptor_.get(), 0600) != 0 ||
      bind(descriptor_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(descriptor_.get(), 16) != 0) {
    throw system_error("cannot listen on " + path_.string(), errno);
  }
}

LocalListener::~LocalListener() { unlink(path_.c_str()); }

std::optional<LocalConnection> LocalListener::accept() {
  Descriptor accepted(accept4(descriptor_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted && (try_later(errno) || errno == ECONNABORTED)) return std::nullopt;
  if (!accepted) throw system_error("cannot accept on " + path_.string(), errno);
  if (!trusted_peer(accepted.get())) return std::nullopt;
  return LocalConnection(std::move(accepted));
}

Secret read_local_socket(const std::filesystem::path& socket_path, std::size_t limit,
                         Milliseconds patience) {
  const sockaddr_un address = address_of(socket_path);
  const Descriptor server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval wait{patience.count() / 1000, patience.count() % 1000 * 1000};
  if (!server || setsockopt(server.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
      connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw system_error("cannot reach " + socket_path.string(), errno);
  }
  if (!trusted_peer(server.get())) {
    throw Error(ErrorCode::Unsafe, socket_path.string() + " is served by another user");
  }
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = recv(server.get(), text.data() + size, text.size() - size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error("no answer from " + socket_path.string(), errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  const Secret whole = seal(std::move(text));
  if (size > limit) throw Error(ErrorCode::System, socket_path.string() + " says too much");
  return Secret(whole.view().substr(0, size));
}

}  // namespace prodaccess
