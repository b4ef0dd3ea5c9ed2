// VaultProvider: credentials from HashiCorp Vault and OpenBao: tokens, and what the secrets engines
// issue to them. prodaccess-vault(7).
//
// For each credential a token of its own is made, with the policies of the role's tier and the
// grant's end, and recorded by its accessor before anything is asked with it (grant_tokens.h). The
// fields are those of the engine (vault_engine.h); the token itself is only among them for engine
// "token".
//
// Handles: vault_handle.h. What was made in this process is ended with its own token, so that a
// one-shot run needs no second login; later ends log in again.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/grant/provider.h"
#include "core/os/clock.h"
#include "core/os/random.h"
#include "providers/vault/secret_source.h"
#include "providers/vault/vault_login.h"
#include "providers/vault/vault_parameters.h"

namespace prodaccess {

class GrantTokens;
class VaultClient;
struct VaultHandle;

class VaultProvider final : public Provider {
 public:
  // All that `sources` names, and the others, must outlive it. `program`: our own, absolute, which
  // kubectl is told to run.
  VaultProvider(SecretSources sources, const Clock& clock, Random& random,
                std::filesystem::path program);
  ~VaultProvider() override;

  std::string name() const override { return "vault"; }
  void check(const Role& role) const override;
  std::vector<std::string> tools(const Role& role) const override;
  std::optional<Effect> narrowed(const Role& role) const override;
  bool has_tiers(const Role& role) const override;
  IssuedDescription describe(const Role& role) const override;
  std::string shape(const Role& role) const override;
  Issued issue(const IssueRequest& request, const HandleObserver& on_handle) override;
  std::optional<Issued> renew(const IssueRequest& request, const Credential& credential) override;
  RevokeOutcome revoke(const Role& role, const std::string& handle,
                       const Credential* credential) override;
  std::vector<ProbeFinding> probe(const Role& role) override;
  std::unique_ptr<Login> login(const Role& role) override;
  std::vector<std::pair<std::string, Secret>> environment(
      const Role& role, const Credential& credential) const override;
  std::vector<std::string> rival_variables() const override;
  std::unique_ptr<ChildService> serve(const ServedRun& run) override;

 private:
  struct Asked;  // what an engine answered, and when it ends

  Asked ask_engine(const VaultParameters& parameters, const IssueRequest& request,
                   VaultClient& client, const GrantTokens& tokens);
  void lengthen_lease(VaultClient& client, const GrantTokens& tokens, WallTime until,
                      VaultReply& reply) const;
  Asked hand_out_token(const GrantTokens& tokens) const;
  // The session for everything but issuing: one login for each role's login in a process, ended
  // with the provider.
  const VaultSession& base_session(VaultClient& client, const VaultParameters& parameters);

  SecretSources sources_;
  const Clock& clock_;
  Random& random_;
  std::filesystem::path program_;
  VaultLogin login_;
  struct BaseSession;
  std::map<std::string, BaseSession> sessions_;
  std::map<std::string, Secret> made_;  // the first accessor of a handle: its token
};

}  // namespace prodaccess
