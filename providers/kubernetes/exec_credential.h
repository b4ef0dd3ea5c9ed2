// ExecCredential: how kubectl and client-go take a token from a program (Kubernetes reference,
// "Client Authentication (v1)"; v1beta1 for clients before 1.22). Pure.
// https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
#pragma once

#include <string>
#include <string_view>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

inline constexpr const char* kExecCredentialV1 = "client.authentication.k8s.io/v1";
inline constexpr const char* kExecCredentialV1Beta1 = "client.authentication.k8s.io/v1beta1";

// The version to answer in, from the client's KUBERNETES_EXEC_INFO; where that is absent or cannot
// be read, v1beta1, which every client since 1.11 knows.
std::string exec_credential_version(std::string_view exec_info);

// The object that goes to standard output.
Secret exec_credential(const std::string& api_version, std::string_view token, WallTime expires_at);

}  // namespace prodaccess
