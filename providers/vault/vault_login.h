// VaultLogin: prodaccess's own way in. Each method ends in a session: a token that no command ever
// sees, from which the tokens of grants are made and with which they are taken back.
//
// A session is fresh where the login made its token (it is ours to end), and lent where the token
// was there before (method token, oidc: never ended by us).
//
// A wrapped secret id is unwrapped once: before that the server is asked where the wrapping token
// was made, since a token made elsewhere, or one that is gone, is a sign of interception. What came
// out is kept in the durable store, for later logins.
//
// Errors: Error{Provider}. Threads: one.
#pragma once

#include <optional>
#include <string>

#include "core/os/clock.h"
#include "providers/vault/secret_source.h"
#include "providers/vault/vault_client.h"
#include "providers/vault/vault_parameters.h"

namespace prodaccess {

struct VaultSession {
  Secret token;
  std::string accessor;  // "" where the server told none
  bool fresh = false;
  bool renewable = false;
  std::optional<WallTime> until;  // absent: no end
};

class VaultLogin {
 public:
  // All must outlive it.
  VaultLogin(const SecretSources& sources, const Clock& clock) : sources_(sources), clock_(clock) {}

  VaultSession begin(VaultClient& client, const VaultParameters& parameters) const;

 private:
  VaultSession lent(VaultClient& client, const VaultParameters& parameters) const;
  std::string body(VaultClient& client, const VaultParameters& parameters) const;
  Secret secret_id(VaultClient& client, const VaultParameters& parameters) const;
  std::optional<Secret> wait_for_kept(const std::string& key) const;
  Secret unwrap(VaultClient& client, const VaultLoginParameters& login,
                const Secret& wrapping_token) const;

  const SecretSources& sources_;
  const Clock& clock_;
};

// The name in the durable store of a token that `prodaccess login` keeps: one for each server,
// namespace, mount and role.
std::string vault_login_key(const VaultParameters& parameters);
// The name by which `prodaccess login` knows it.
std::string vault_login_name(const VaultParameters& parameters);

// A JSON object of texts, as a request's body.
std::string json_texts(const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace prodaccess
