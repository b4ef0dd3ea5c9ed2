#include "core/os/ssh_agent_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"

namespace prodaccess {
namespace {

constexpr std::uint8_t kRequestIdentities = 11;
constexpr std::uint8_t kIdentitiesAnswer = 12;
constexpr std::uint8_t kSignRequest = 13;
constexpr std::uint8_t kSignResponse = 14;
constexpr std::uint32_t kRsaSha512 = 4;
constexpr std::size_t kLargestAnswer = 256U << 10;
constexpr std::uint32_t kMostKeys = 1024;
constexpr int kListTimeout = 10'000;
constexpr int kSignTimeout = 60'000;

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::Keyring, "ssh-agent " + why,
              {"ssh-add -l      lists what it holds", "or name a key file with --key"});
}

Descriptor connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    fail("is not running (SSH_AUTH_SOCK names no socket)");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw system_error("connecting to the ssh-agent at " + path, errno);
  }
  return socket;
}

void wait_until(int descriptor, short what, int timeout_ms) {
  pollfd waiting{descriptor, what, 0};
  if (poll(&waiting, 1, timeout_ms) <= 0) fail("did not answer in time");
}

void write_all(int descriptor, std::string_view bytes, int timeout_ms) {
  while (!bytes.empty()) {
    wait_until(descriptor, POLLOUT, timeout_ms);
    const ssize_t count = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) fail("hung up");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string read_exactly(int descriptor, std::size_t size, int timeout_ms) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    wait_until(descriptor, POLLIN, timeout_ms);
    const ssize_t count = recv(descriptor, bytes.data() + done, size - done, 0);
    if (count <= 0) fail("hung up");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

bool is_rsa(std::string_view blob) {
  SshReader reader(blob);
  return reader.string().substr(0, 7) == "ssh-rsa";
}

}  // namespace

SshAgentClient::SshAgentClient(const std::string& socket_path) : socket_(connect_to(socket_path)) {}

std::string SshAgentClient::ask(std::string_view request, int timeout_ms) {
  write_all(socket_.get(), SshWriter().string(request).bytes(), timeout_ms);
  const std::string header = read_exactly(socket_.get(), 4, timeout_ms);
  const std::uint32_t size = SshReader(header).u32();
  if (size == 0 || size > kLargestAnswer) fail("answered nonsense");
  return read_exactly(socket_.get(), size, timeout_ms);
}

std::vector<AgentKey> SshAgentClient::keys() {
  const std::string answer = ask(SshWriter().u8(kRequestIdentities).bytes(), kListTimeout);
  SshReader reader(answer);
  if (reader.u8() != kIdentitiesAnswer) fail("does not list its keys");
  const std::uint32_t count = reader.u32();
  std::vector<AgentKey> keys;
  for (std::uint32_t i = 0; i < std::min(count, kMostKeys) && reader.good(); ++i) {
    AgentKey key;
    key.blob = reader.string();
    key.comment = reader.string();
    if (reader.good()) keys.push_back(std::move(key));
  }
  if (!reader.finished()) fail("answered nonsense");
  return keys;
}

std::string SshAgentClient::sign(const AgentKey& key, std::string_view data) {
  SshWriter request;
  request.u8(kSignRequest).string(key.blob).string(data).u32(is_rsa(key.blob) ? kRsaSha512 : 0);
  const std::string answer = ask(request.bytes(), kSignTimeout);
  SshReader reader(answer);
  if (reader.u8() != kSignResponse) fail("refused to sign");
  std::string signature(reader.string());
  if (!reader.finished()) fail("answered nonsense");
  return signature;
}

}  // namespace prodaccess
