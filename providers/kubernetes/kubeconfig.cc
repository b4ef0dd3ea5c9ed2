#include "providers/kubernetes/kubeconfig.h"

#include <nlohmann/json.hpp>

#include "core/base/json.h"

namespace prodaccess {
namespace {

// A JSON string is a YAML one.
std::string quoted(const std::string& text) { return canonical_json(text); }

}  // namespace

std::string kubeconfig_text(const KubernetesParameters& parameters,
                            const std::vector<std::string>& command,
                            const std::string& api_version) {
  const std::string name = quoted(parameters.context);
  std::string text = "apiVersion: v1\nkind: Config\ncurrent-context: " + name + "\nclusters:\n";
  text += "- name: " + name + "\n  cluster:\n    server: " + quoted(parameters.server) + "\n";
  if (!parameters.ca_file.empty()) {
    text += "    certificate-authority: " + quoted(parameters.ca_file) + "\n";
  }
  text += "contexts:\n- name: " + name + "\n  context:\n    cluster: " + name +
          "\n    user: " + name + "\n    namespace: " + quoted(parameters.name_space) + "\n";
  text += "users:\n- name: " + name +
          "\n  user:\n    exec:\n      apiVersion: " + quoted(api_version) +
          "\n      interactiveMode: Never\n      command: " + quoted(command.front()) +
          "\n      args:\n";
  for (std::size_t i = 1; i < command.size(); ++i) text += "      - " + quoted(command[i]) + "\n";
  return text;
}

}  // namespace prodaccess
