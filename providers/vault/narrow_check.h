// The read tier of a Vault role, and every credential of a role with `narrowed = "read"`, is held
// to reading by what the server, the database role or the cluster says of it.
//
// Errors: Error{Provider} where it may do more, or where that cannot be found out. Threads: one.
#pragma once

#include "core/grant/credential.h"
#include "core/grant/role.h"
#include "providers/http/http_client.h"
#include "providers/kubernetes/kubernetes_parameters.h"
#include "providers/vault/grant_tokens.h"
#include "providers/vault/vault_client.h"
#include "providers/vault/vault_parameters.h"

namespace prodaccess {

// The engines whose answer can be looked at for what it may do.
bool can_be_checked(VaultEngine engine);

bool must_only_read(const VaultParameters& parameters, const Role& role, Tier tier);

struct NarrowCheck {
  HttpClient& http;
  VaultClient& client;
  const VaultParameters& parameters;
  Tier tier;
  const GrantTokens& tokens;
};
void require_narrow(const NarrowCheck& check, const Credential& credential);

// The cluster of engine kubernetes, in the words of the Kubernetes provider.
KubernetesParameters vault_cluster(const VaultParameters& parameters,
                                   const std::string& name_space);

}  // namespace prodaccess
