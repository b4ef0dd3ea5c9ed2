// KubernetesProvider: short-lived tokens of a service account (TokenRequest API), bound to a Secret
// that is made for the credential, so that deleting the Secret ends the token.
//
// Fields: "token", "service_account", "namespace", "server". Handles: "NAMESPACE/SECRET", or
// "NAMESPACE/" where nothing can be revoked. The child's kubectl gets a kubeconfig without secrets
// and asks this process for the token (token_service.h).
//
// A token lives at least 10 minutes, by the server's rule: the grant may end before it. A bound one
// is then still ended by `revoke`; its notes say so.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/grant/provider.h"
#include "core/os/clock.h"
#include "core/os/files.h"
#include "core/os/random.h"
#include "providers/http/http_client.h"
#include "providers/kubernetes/kubernetes_parameters.h"

namespace prodaccess {

class KubernetesApi;

class KubernetesProvider final : public Provider {
 public:
  // All must outlive it. `program`: our own, absolute, which kubectl is told to run.
  KubernetesProvider(HttpClient& client, Files& files, const Clock& clock, Random& random,
                     std::filesystem::path program);

  std::string name() const override { return "kubernetes"; }
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
  std::vector<std::pair<std::string, Secret>> environment(
      const Role& role, const Credential& credential) const override;
  std::vector<std::string> rival_variables() const override;
  std::unique_ptr<ChildService> serve(const ServedRun& run) override;

 private:
  KubernetesApi api(const KubernetesParameters& parameters);
  Secret base_token(const KubernetesParameters& parameters);

  HttpClient& client_;
  Files& files_;
  const Clock& clock_;
  Random& random_;
  std::filesystem::path program_;
};

}  // namespace prodaccess
