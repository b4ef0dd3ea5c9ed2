// What a role of the Kubernetes provider says in its [roles.NAME.kubernetes] table:
//
//   kubernetes = { server = "https://api.prod-eu.example:6443", ca_file = "/etc/.../ca.crt",
//                  context = "prod-eu", namespace = "shop", service_account = "debugger",
//                  auth = "token-file", token_file = "/home/ana/.config/kube/token" }
//     auth                token-file, client-certificate (with client_certificate and client_key,
//                         PEM files) or in-cluster (the pod's own token and CA)
//     audiences           of the token; the API server's own
//     revocable           bind the token to a Secret made for it, so that deleting the Secret ends
//                         it; true
//     tiers.read          { service_account = "viewer" }: what reads run as
//
// Errors: Error{Config} with FILE:LINE:COLUMN.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/config_table.h"
#include "core/grant/credential.h"

namespace prodaccess {

enum class KubernetesAuth { TokenFile, ClientCertificate, InCluster };

struct KubernetesParameters {
  std::string server;  // no slash at the end
  std::string ca_file;
  std::string context;  // what the kubeconfig calls cluster, user and context
  std::string name_space;
  std::string service_account;
  std::string read_service_account;  // "": no read tier
  std::vector<std::string> audiences;
  bool revocable = true;
  KubernetesAuth auth = KubernetesAuth::TokenFile;
  std::string token_file;
  std::string client_certificate;
  std::string client_key;

  const std::string& account(Tier tier) const {
    return tier == Tier::Read && !read_service_account.empty() ? read_service_account
                                                               : service_account;
  }
};

KubernetesParameters read_kubernetes_parameters(ConfigTable table);

// RFC 1123: lower-case letters, digits and '-', at most 63; names of objects may have dots.
bool is_kubernetes_label(std::string_view text);
bool is_kubernetes_name(std::string_view text);

}  // namespace prodaccess
