#include "providers/local/ssh_agent.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"

namespace prodaccess {
namespace {

// Numbers of messages: draft-ietf-sshm-ssh-agent, section 6.1.
constexpr std::uint8_t kFailure = 5;
constexpr std::uint8_t kRequestIdentities = 11;
constexpr std::uint8_t kIdentitiesAnswer = 12;
constexpr std::uint8_t kSignRequest = 13;
constexpr std::uint8_t kSignResponse = 14;

constexpr std::size_t kMostClients = 64;
constexpr std::size_t kReadAtOnce = 16U << 10;
constexpr std::size_t kLengthSize = 4;

std::string refusal() { return SshWriter().u8(kFailure).bytes(); }

std::string list_identities(const AgentIdentity& identity, bool usable) {
  SshWriter writer;
  writer.u8(kIdentitiesAnswer).u32(usable ? 1 : 0);
  if (usable) writer.string(identity.certificate).string(identity.comment);
  return writer.take();
}

std::string sign(SshReader& reader, const AgentIdentity& identity, bool usable) {
  const std::string_view wanted = reader.string();
  const std::string_view data = reader.string();
  reader.u32();  // flags choose the hash of an RSA signature
  if (!reader.finished() || !usable || wanted != identity.certificate) return refusal();
  const std::string signature =
      SshWriter().string(kSshEd25519).string(identity.key().sign(data)).bytes();
  return SshWriter().u8(kSignResponse).string(signature).bytes();
}

}  // namespace

std::string answer_agent_message(std::string_view message, const AgentIdentity& identity,
                                 bool usable) {
  SshReader reader(message);
  const std::uint8_t type = reader.u8();
  if (type == kRequestIdentities && reader.finished()) return list_identities(identity, usable);
  if (type == kSignRequest) return sign(reader, identity, usable);
  return refusal();
}

SshAgent::SshAgent(const std::filesystem::path& socket, const Clock& clock, WallTime until,
                   std::string certificate, KeySource key)
    : listener_(socket),
      clock_(clock),
      until_(until),
      identity_{std::move(certificate), std::move(key), "prodaccess"} {}

std::vector<std::pair<std::string, Secret>> SshAgent::environment() const {
  std::vector<std::pair<std::string, Secret>> variables;
  variables.emplace_back("SSH_AUTH_SOCK", Secret(listener_.path().string()));
  return variables;
}

std::vector<pollfd> SshAgent::descriptors() const {
  std::vector<pollfd> wanted;
  wanted.reserve(clients_.size() + 1);
  if (accepting_ && clients_.size() < kMostClients) {
    wanted.push_back({listener_.descriptor(), POLLIN, 0});
  }
  for (const Client& client : clients_) {
    // A client that does not read its answers is not read from either.
    const short events = client.pending.empty() ? POLLIN : POLLOUT;
    wanted.push_back({client.connection.descriptor(), events, 0});
  }
  return wanted;
}

void SshAgent::serve(const pollfd& ready) {
  if (ready.fd == listener_.descriptor()) {
    accept_client();
    return;
  }
  const auto client = std::find_if(clients_.begin(), clients_.end(), [&](const Client& candidate) {
    return candidate.connection.descriptor() == ready.fd;
  });
  if (client == clients_.end() || serve_client(*client, ready.revents)) return;
  clients_.erase(client);
  accepting_ = true;
}

void SshAgent::accept_client() {
  try {
    if (auto connection = listener_.accept()) clients_.emplace_back(std::move(*connection));
  } catch (const Error&) {
    accepting_ = false;  // else the poll would wake for the waiting caller again and again
  }
}

bool SshAgent::serve_client(Client& client, short events) {
  if (client.pending.empty() && (events & (POLLIN | POLLHUP | POLLERR)) != 0) {
    const auto bytes = client.connection.read_some(kReadAtOnce);
    if (!bytes) return false;
    client.received += *bytes;
    if (!answer_messages(client)) return false;
  }
  if (client.pending.empty()) return true;
  const auto sent = client.connection.write_some(client.pending);
  if (!sent) return false;
  client.pending.erase(0, *sent);
  return !client.pending.empty() || answer_messages(client);
}

// Answers the next whole message; one at a time, so that answers never pile up.
bool SshAgent::answer_messages(Client& client) {
  if (client.received.size() < kLengthSize) return true;
  const std::size_t length = SshReader(client.received).u32();
  if (length == 0 || length > kLongestAgentMessage) return false;
  if (client.received.size() < kLengthSize + length) return true;
  const std::string answer =
      answer_agent_message(std::string_view(client.received).substr(kLengthSize, length), identity_,
                           clock_.wall_now() < until_);
  client.received.erase(0, kLengthSize + length);
  client.pending = SshWriter().string(answer).bytes();
  return true;
}

}  // namespace prodaccess
