// SshAgent: a private ssh-agent that knows one certificate and its key, both in memory only, and
// does two things: lists it and signs with it (draft-ietf-sshm-ssh-agent). All else is refused.
//
// ssh uses it through SSH_AUTH_SOCK. It asks a client for nothing and waits for none: what a slow
// one sent is kept until the message is whole, and what it does not read is kept until it does.
//
// Threads: the supervising parent's one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ed25519.h"
#include "core/os/child_service.h"
#include "core/os/clock.h"
#include "core/os/local_listener.h"

namespace prodaccess {

// Gives the private key when a client asks for a signature: reading it initialises OpenSSL, which
// most commands under an SSH grant never need.
using KeySource = std::function<Ed25519Key()>;

// What the agent holds; pure, so that it can be fuzzed.
struct AgentIdentity {
  std::string certificate;  // the blob
  KeySource key;
  std::string comment;
};

inline constexpr std::size_t kLongestAgentMessage = 64U << 10;

// The answer to one message, both without their length. `usable`: the certificate is still valid.
std::string answer_agent_message(std::string_view message, const AgentIdentity& identity,
                                 bool usable);

class SshAgent final : public ChildService {
 public:
  // `clock` must outlive it. After `until` it lists nothing and signs nothing.
  SshAgent(const std::filesystem::path& socket, const Clock& clock, WallTime until,
           std::string certificate, KeySource key);

  std::vector<std::pair<std::string, Secret>> environment() const override;
  std::vector<pollfd> descriptors() const override;
  void serve(const pollfd& ready) override;

 private:
  struct Client {
    explicit Client(LocalConnection accepted) : connection(std::move(accepted)) {}
    LocalConnection connection;
    std::string received;  // the start of a message that is not whole yet
    std::string pending;   // the rest of an answer
  };

  void accept_client();
  // False: the client is to be let go.
  bool serve_client(Client& client, short events);
  bool answer_messages(Client& client);

  LocalListener listener_;
  const Clock& clock_;
  WallTime until_;
  AgentIdentity identity_;
  std::vector<Client> clients_;
  bool accepting_ = true;
};

}  // namespace prodaccess
