// prodaccess kubernetes: what kubectl needs to run under a grant.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/provider_role.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/os/files.h"
#include "providers/kubernetes/exec_credential.h"
#include "providers/kubernetes/kubeconfig.h"
#include "providers/kubernetes/token_service.h"

namespace prodaccess {
namespace {

struct KubeconfigOptions {
  std::string role;
  std::string api_version = "v1beta1";
  std::optional<std::string> output;
};

int run_kubeconfig(Context& context, const KubeconfigOptions& options) {
  const Role& role = role_of_provider(context, options.role, "kubernetes");
  const std::string text =
      kubeconfig_text(read_kubernetes_parameters(role.parameters),
                      {"prodaccess", "creds", "--role", role.name, "--format", "exec-credential"},
                      options.api_version == "v1" ? kExecCredentialV1 : kExecCredentialV1Beta1);
  if (options.output) {
    context.files().write(std::filesystem::absolute(*options.output).lexically_normal(), text);
  } else if (context.json()) {
    print_json({{"kubeconfig", text}});
  } else {
    print_raw(text);
  }
  return kDone;
}

void add_kubeconfig(Command& kubernetes) {
  const auto options = std::make_shared<KubeconfigOptions>();
  Command& command = kubernetes.add("kubeconfig", "print a kubeconfig for a role");
  command.option("--role", &options->role, "NAME", "a role of the provider kubernetes")
      .required()
      .completes("roles");
  command
      .option("--api-version", &options->api_version, "VERSION",
              "of the ExecCredential; v1beta1 serves every kubectl, v1 those since 1.22")
      .one_of({"v1", "v1beta1"});
  command
      .option("--output", &options->output, "FILE",
              "write the file (mode 0600), whole or not at all")
      .completes("files");
  command.describe(
      "It holds no secret: kubectl runs prodaccess creds for the token, under a grant "
      "that you request. Under exec kubectl needs no such file.");
  command.example("prodaccess kubernetes kubeconfig --role shop-debug --output ~/.kube/shop",
                  "then: KUBECONFIG=~/.kube/config:~/.kube/shop kubectl --context prod-eu ...");
  command.runs([options](Context& context) { return run_kubeconfig(context, *options); });
}

// What the kubeconfig of a running exec calls; the socket lies in the run's private folder.
void add_exec_credential(Command& kubernetes) {
  const auto socket = std::make_shared<std::string>();
  Command& command = kubernetes.add("exec-credential", "hand kubectl the token of this exec");
  command.option("--socket", socket.get(), "PATH", "the socket that exec made").required();
  command.hide();
  command.runs([socket](Context&) {
    const ServedToken served = fetch_served_token(*socket);
    const std::string version =
        exec_credential_version(environment_variable("KUBERNETES_EXEC_INFO"));
    print_raw(exec_credential(version, served.token.view(), served.expires_at).view());
    return kDone;
  });
}

}  // namespace

void add_kubernetes(Command& root) {
  Command& kubernetes = root.add("kubernetes", "what kubectl needs to run under a grant");
  kubernetes.example("prodaccess exec --role shop-debug -- kubectl get pods");
  add_kubeconfig(kubernetes);
  add_exec_credential(kubernetes);
}

}  // namespace prodaccess
