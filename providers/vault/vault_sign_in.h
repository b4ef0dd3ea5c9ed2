// VaultSignIn: `prodaccess login` for a role of the Vault provider: the browser flow of method
// oidc, and for the other methods what their source "stored" is to hold (a token, a password, a
// secret id), tried before it is kept.
//
// The flow (OpenBao, "JWT/OIDC auth method", command line): the server gives an address for the
// browser, bound to a nonce of ours; the browser comes back to http://localhost:PORT/oidc/callback
// with the server's state and the provider's code; those two and the nonce buy a token. Where
// nobody's browser can reach this machine, the server may let its own callback end the flow
// (callback_mode "direct" or "device"): then it is asked until it has a token.
#pragma once

#include <memory>
#include <string>

#include "core/grant/login.h"
#include "core/os/clock.h"
#include "core/os/random.h"
#include "providers/vault/secret_source.h"
#include "providers/vault/vault_client.h"
#include "providers/vault/vault_login.h"
#include "providers/vault/vault_parameters.h"

namespace prodaccess {

class VaultSignIn final : public Login {
 public:
  // All must outlive it.
  VaultSignIn(VaultParameters parameters, const SecretSources& sources, const Clock& clock,
              Random& random);

  std::string name() const override;
  std::string kind() const override;
  std::string place() const override { return parameters_.server.nodes.front(); }
  LoginState state() override;
  LoginState sign_in(Prompt& prompt) override;
  bool sign_out() override;

  // Whether `parameters` lead to something that a person keeps in the durable store.
  static bool serves(const VaultParameters& parameters);

 private:
  struct Flow;  // a browser flow under way
  VaultToken by_browser(Prompt& prompt);
  Flow begin_flow(const std::string& redirect);
  static void tell(Prompt& prompt, const Flow& flow);
  VaultToken finish_flow(const Flow& flow, const std::string& query);
  VaultToken poll_flow(const Flow& flow);
  LoginState keep_secret(Prompt& prompt);
  LoginState keep(const KeptSecret& kept);

  VaultParameters parameters_;
  const SecretSources& sources_;
  const Clock& clock_;
  Random& random_;
  VaultClient client_;
};

}  // namespace prodaccess
