// SshAgentClient: asks a running ssh-agent for its keys and for signatures
// (draft-miller-ssh-agent). The socket is the one that SSH_AUTH_SOCK names, or any other.
//
// Answers are bounded in size and time; a key that asks for a touch or a confirmation has 60 s.
// Errors: Error{Keyring} where there is no agent, or it refuses. Threads: one client, one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/os/descriptor.h"

namespace prodaccess {

struct AgentKey {
  std::string blob;  // a key's, or a certificate's
  std::string comment;
};

class SshAgentClient {
 public:
  explicit SshAgentClient(const std::string& socket_path);

  std::vector<AgentKey> keys();
  // The SSH signature blob over `data`. RSA keys sign with rsa-sha2-512.
  std::string sign(const AgentKey& key, std::string_view data);

 private:
  std::string ask(std::string_view request, int timeout_ms);
  Descriptor socket_;
};

}  // namespace prodaccess
