// A kubeconfig with no secret in it: its user runs a program for the token. Pure.
// https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
#pragma once

#include <string>
#include <vector>

#include "providers/kubernetes/kubernetes_parameters.h"

namespace prodaccess {

// `command`: what kubectl runs for an ExecCredential, absolute, with its words. YAML, as kubectl
// itself would write it. `api_version`: of the ExecCredential that kubectl will ask for.
std::string kubeconfig_text(const KubernetesParameters& parameters,
                            const std::vector<std::string>& command,
                            const std::string& api_version);

}  // namespace prodaccess
