#include "core/os/agent_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"
#include "core/os/descriptor.h"

namespace prodaccess {
namespace {

// draft-miller-ssh-agent, sections 5.1 and 5.3.
constexpr std::uint8_t kRequestIdentities = 11;
constexpr std::uint8_t kIdentitiesAnswer = 12;
constexpr std::uint8_t kSignRequest = 13;
constexpr std::uint8_t kSignResponse = 14;
constexpr std::uint32_t kRsaSha512 = 4;
constexpr std::size_t kLargestReply = 256U << 10;
constexpr timeval kPatience{10, 0};

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::Keyring, "the ssh-agent cannot be used: " + why,
              {"start one and add the key: eval \"$(ssh-agent)\"; ssh-add"});
}

std::string words(int problem) {
  if (problem == EAGAIN) return "it did not answer within 10 s";
  return std::generic_category().message(problem);
}

Descriptor connect_to(const std::string& path) {
  if (path.empty()) fail("SSH_AUTH_SOCK is not set");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) fail("the path in SSH_AUTH_SOCK is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) fail(words(errno));
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(words(errno));
  }
  return socket;
}

void receive(int socket, char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t got = recv(socket, bytes, size, 0);
    if (got == 0) fail("it closed the connection");
    if (got < 0 && errno != EINTR) fail(words(errno));
    if (got > 0) {
      bytes += got;
      size -= static_cast<std::size_t>(got);
    }
  }
}

}  // namespace

std::string AgentKey::type() const { return std::string(SshReader(blob).string()); }
std::string AgentKey::fingerprint() const { return ssh_fingerprint(blob); }

Secret AgentClient::ask(std::string_view request) const {
  const Descriptor socket = connect_to(path_);
  const std::string message = SshWriter().string(request).take();
  if (send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(message.size())) {
    fail(words(errno));
  }
  char header[4];
  receive(socket.get(), header, sizeof header);
  const std::uint32_t size = SshReader({header, sizeof header}).u32();
  if (size == 0 || size > kLargestReply) fail("its answer is not in the agent's form");
  Secret reply{std::size_t{size}};
  receive(socket.get(), reply.data(), reply.size());
  return reply;
}

std::vector<AgentKey> AgentClient::keys() const {
  const Secret reply = ask(SshWriter().u8(kRequestIdentities).bytes());
  SshReader reader(reply.view());
  if (reader.u8() != kIdentitiesAnswer) fail("it refuses to list its keys");
  const std::uint32_t count = reader.u32();
  std::vector<AgentKey> keys;
  for (std::uint32_t i = 0; i < count && reader.good(); ++i) {
    std::string blob(reader.string());
    keys.push_back({std::move(blob), std::string(reader.string())});
  }
  if (!reader.finished()) fail("its answer is not in the agent's form");
  return keys;
}

Secret AgentClient::sign(const AgentKey& key, std::string_view data) const {
  const std::uint32_t flags = key.type() == "ssh-rsa" ? kRsaSha512 : 0;
  const Secret reply =
      ask(SshWriter().u8(kSignRequest).string(key.blob).string(data).u32(flags).bytes());
  SshReader reader(reply.view());
  if (reader.u8() != kSignResponse) {
    fail("it refuses to sign with " + escape_for_terminal(key.comment));
  }
  const std::string_view signature = reader.string();
  if (!reader.finished() || signature.empty()) fail("its answer is not in the agent's form");
  return Secret(signature);
}

}  // namespace prodaccess
