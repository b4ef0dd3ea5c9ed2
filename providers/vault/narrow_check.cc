#include "providers/vault/narrow_check.h"

#include "core/base/error.h"
#include "providers/kubernetes/kubernetes_api.h"
#include "providers/vault/read_check.h"

namespace prodaccess {
namespace {

std::string token_beyond_reading(const NarrowCheck& check) {
  VaultCall call;
  call.path = "sys/internal/ui/resultant-acl";
  call.token = check.tokens.token().view();
  return acl_beyond_reading(check.client.send(call).body.view());
}

std::string database_beyond_reading(const NarrowCheck& check) {
  const VaultTarget& target = check.parameters.target(check.tier);
  VaultCall call;
  call.path = target.mount + "/roles/" + target.role;
  call.token = check.tokens.parent().view();
  const HttpResponse response = check.client.send(call);
  if (response.status != 200) {
    throw Error(ErrorCode::Provider,
                "what the database role makes cannot be looked at: status " +
                    std::to_string(response.status),
                {"let prodaccess's own login read " + call.path});
  }
  return sql_beyond_reading(response.body.view());
}

std::string account_beyond_reading(const NarrowCheck& check, const Credential& credential) {
  const KubernetesParameters cluster =
      vault_cluster(check.parameters, std::string(credential.fields.at("namespace").view()));
  KubernetesApi api(check.http, cluster, Secret());
  return api.beyond_reading(credential.fields.at("token").view());
}

}  // namespace

bool can_be_checked(VaultEngine engine) {
  return engine == VaultEngine::Token || engine == VaultEngine::Database ||
         engine == VaultEngine::Kubernetes;
}

bool must_only_read(const VaultParameters& parameters, const Role& role, Tier tier) {
  return role.narrowed == Effect::Read ||
         (tier == Tier::Read && parameters.read && can_be_checked(parameters.engine));
}

void require_narrow(const NarrowCheck& check, const Credential& credential) {
  std::string beyond;
  switch (check.parameters.engine) {
    case VaultEngine::Token: beyond = token_beyond_reading(check); break;
    case VaultEngine::Database: beyond = database_beyond_reading(check); break;
    default: beyond = account_beyond_reading(check, credential);
  }
  if (beyond.empty()) return;
  throw Error(ErrorCode::Provider, "what was issued may do more than read: " + beyond,
              {"give the role's read tier a policy or an engine's role that only reads"});
}

KubernetesParameters vault_cluster(const VaultParameters& parameters,
                                   const std::string& name_space) {
  KubernetesParameters cluster;
  cluster.server = parameters.cluster;
  cluster.ca_file = parameters.cluster_ca_file;
  cluster.context = "prodaccess";
  cluster.name_space = name_space;
  return cluster;
}

}  // namespace prodaccess
