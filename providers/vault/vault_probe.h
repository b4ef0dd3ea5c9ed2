// VaultProbe: what `doctor vault` finds: whether the server can be reached, its clock, who we are
// there, what the role would get, and whether it could be taken back.
//
// Makes at most one token, for a minute, and ends it. Nothing is asked of a secrets engine.
// Errors: Error{Provider} where the server does not answer. Threads: one.
#pragma once

#include <string>
#include <vector>

#include "core/grant/provider.h"
#include "core/os/clock.h"
#include "providers/vault/vault_client.h"
#include "providers/vault/vault_login.h"
#include "providers/vault/vault_parameters.h"

namespace prodaccess {

class VaultProbe {
 public:
  VaultProbe(VaultClient& client, const Clock& clock, const VaultParameters& parameters)
      : client_(client), clock_(clock), parameters_(parameters) {}

  void look_at_server();
  void look_at_login(const VaultSession& session);
  // What a token of each tier may do on the engine's path, and what our own login may end.
  void look_at_role(const VaultSession& session, const Role& role);
  std::vector<ProbeFinding> findings() { return std::move(findings_); }

 private:
  void look_at_tier(const VaultSession& session, const Role& role, Tier tier);
  void look_at_revocation(const VaultSession& session);
  bool may(std::string_view token, const std::string& path, const std::string& capability);
  void add(ProbeFinding::State state, const std::string& subject, const std::string& detail,
           const std::string& hint = "");

  VaultClient& client_;
  const Clock& clock_;
  const VaultParameters& parameters_;
  std::vector<ProbeFinding> findings_;
};

}  // namespace prodaccess
