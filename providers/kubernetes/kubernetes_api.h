// KubernetesApi: the few calls that issuing a service account's token takes, made as the base
// identity (Kubernetes API reference: TokenRequest, Secret, SelfSubjectReview).
//
// Errors: Error{Provider} with the server's own reason, cut and escaped.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/secret.h"
#include "core/base/time.h"
#include "providers/http/http_client.h"
#include "providers/kubernetes/kubernetes_parameters.h"

namespace prodaccess {

struct KubernetesToken {
  Secret token;
  WallTime expires_at{};
};

// What a token is bound to.
struct KubernetesSecretRef {
  std::string name;
  std::string uid;
};

class KubernetesApi {
 public:
  // `base_token`: the caller's bearer token, "" where a client certificate speaks for it.
  KubernetesApi(HttpClient& client, const KubernetesParameters& parameters, Secret base_token);

  KubernetesSecretRef create_secret(const std::string& name, const std::string& grant,
                                    WallTime until);
  // Gone after this, whether it was there or not.
  void delete_secret(const std::string& name);
  KubernetesToken request_token(const std::string& account, Seconds life,
                                const std::optional<KubernetesSecretRef>& bound);
  // Whether the server still takes `token`; absent: it cannot be told.
  std::optional<bool> accepts(std::string_view token);
  // What `token` may do in the namespace beyond get, list and watch; "" for nothing.
  std::string beyond_reading(std::string_view token);
  // Who the base identity is, for `doctor`; "" where the server is too old to say.
  std::string who_am_i();
  bool may(const std::string& verb, const std::string& resource, const std::string& subresource,
           const std::string& name);
  // The server's version and its clock; throws where it cannot be reached.
  std::string version(std::optional<WallTime>& server_time);

 private:
  HttpResponse send(const std::string& method, const std::string& path, const std::string& body,
                    std::string_view token, const RetryRule& again);
  Json post_review(const std::string& path, const Json& body, std::string_view token);
  std::string namespace_path() const;

  HttpClient& client_;
  const KubernetesParameters& parameters_;
  Secret base_token_;
};

// "2 forbidden: message" of a Status object, or the bare status; one safe line.
std::string kubernetes_problem(const HttpResponse& response);

// The service account in a token ("system:serviceaccount:NS:NAME"); absent: no such token.
std::optional<std::string> token_subject(std::string_view token);

}  // namespace prodaccess
