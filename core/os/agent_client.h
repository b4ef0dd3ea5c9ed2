// AgentClient: asks the user's ssh-agent (draft-miller-ssh-agent) at SSH_AUTH_SOCK.
//
// Errors: Error{Keyring} where there is no agent, it does not answer within 10 s, or refuses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"

namespace prodaccess {

struct AgentKey {
  std::string blob;
  std::string comment;
  std::string type() const;         // "ssh-ed25519"
  std::string fingerprint() const;  // "SHA256:..."
};

class AgentClient {
 public:
  explicit AgentClient(std::string socket_path) : path_(std::move(socket_path)) {}

  std::vector<AgentKey> keys() const;
  // The signature blob over `data`; RSA keys sign with SHA-512.
  Secret sign(const AgentKey& key, std::string_view data) const;

 private:
  Secret ask(std::string_view request) const;
  std::string path_;
};

}  // namespace prodaccess
