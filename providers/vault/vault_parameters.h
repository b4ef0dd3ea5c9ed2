// What a role of the Vault provider says in its [roles.NAME.vault] table (prodaccess-vault(7)):
//
//   vault = { address = "https://vault.example:8200", login = { method = "approle", ... },
//             policies = ["orders-read"], engine = "database", role = "orders" }
//
// Vault and OpenBao alike. Errors: Error{Config} with FILE:LINE:COLUMN.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/config_table.h"
#include "core/grant/credential.h"

namespace prodaccess {

// Where the server is, and how it is spoken to.
struct VaultServer {
  std::vector<std::string>
      nodes;               // origins, no slash at the end: 'address', then 'other_addresses'
  std::string name_space;  // "" for the root's
  std::string ca_file;
  std::string client_certificate;
  std::string client_key;
};

enum class VaultMethod { Token, AppRole, Userpass, Jwt, Oidc, Kubernetes, Certificate };

// How prodaccess itself logs in: its base identity, which no command ever gets.
struct VaultLoginParameters {
  VaultMethod method = VaultMethod::Token;
  std::string name;         // what `prodaccess login` calls it; "" for one made of the others
  std::string mount;        // of the auth method
  std::string role;         // jwt, oidc, kubernetes, cert
  std::string role_id;      // approle
  std::string username;     // userpass
  std::string secret_from;  // a secret source: the token, secret id, password or JWT
  bool wrapped = false;     // approle: the source gives a wrapping token
  // oidc: where the browser ends: "loopback" (here, at `port`), "direct" (at the server), or
  // "device" (anywhere: the person types a code).
  std::string callback = "loopback";
  int port = 8250;
};

enum class VaultEngine { Token, Database, Ssh, Pki, Aws, Gcp, Kubernetes, Kv, Generic };
std::string_view vault_engine_name(VaultEngine engine);

// What one tier of the role is given.
struct VaultTarget {
  // The token made for the grant: its policies, or the token role that says them.
  std::vector<std::string> policies;
  std::string token_role;
  std::string mount;
  std::string role;    // of the engine
  std::string path;    // generic: all of it; kv: of the secret, beneath the mount
  std::string method;  // generic: "GET" or "POST"
  std::string data;    // a JSON object: what else goes into the engine's request
  bool makes_token() const { return !policies.empty() || !token_role.empty(); }
};

struct VaultParameters {
  VaultServer server;
  VaultLoginParameters login;
  VaultEngine engine = VaultEngine::Token;
  VaultTarget wide;
  std::optional<VaultTarget> read;
  bool orphan = false;                  // the grant's token outlives the login's
  bool default_policy = true;           // the grant's token has the policy "default" too
  int uses = 0;                         // engine token: how often it may be used; 0 for any number
  std::string kind;                     // gcp, aws, database: which of the engine's paths
  std::int64_t version = 0;             // kv: of the secret; 0 for the newest
  std::vector<std::string> principals;  // ssh
  std::string cluster;                  // kubernetes: the API server's address
  std::string cluster_ca_file;
  std::string cluster_namespace;

  const VaultTarget& target(Tier tier) const { return tier == Tier::Read && read ? *read : wide; }
};

VaultParameters read_vault_parameters(ConfigTable table);

// A part of a request's path that needs no encoding and cannot climb: no empty, "." or ".."
// segments, nothing but letters, digits and -_.@/ .
bool is_vault_path(std::string_view text);

}  // namespace prodaccess
