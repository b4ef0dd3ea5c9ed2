// prodaccess aws eks-token, rds-token and console: a grant's credential in the forms of kubectl,
// databases and browsers.
#include <nlohmann/json.hpp>

#include "cli/command_aws.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/provider_registry.h"
#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "providers/aws/console_link.h"
#include "providers/aws/presigned_tokens.h"
#include "providers/kubernetes/exec_credential.h"

namespace prodaccess {
namespace {

struct EksOptions {
  HandOut hand_out;
  std::string cluster;
  std::string region;
};

struct RdsOptions {
  HandOut hand_out;
  std::string host;
  std::optional<std::int64_t> port;
  std::string user;
  std::string region;
};

struct ConsoleOptions {
  HandOut hand_out;
  std::string destination;
  std::optional<Seconds> duration;
  std::string region;
};

// {"NAME":"VALUE"}, or the value in a line of its own.
void print_secret(Context& context, const std::string& name, const Secret& value) {
  SecretText text;
  if (context.json()) {
    text.add('{').add_json_member(name, value.view()).add("}\n");
  } else {
    text.add(value.view()).add('\n');
  }
  print_raw(text.take().view());
}

int run_eks(Context& context, EksOptions options) {
  // Kubernetes knows the role's name alone: a session policy narrows nothing there.
  options.hand_out.wide = true;
  options.hand_out.source.tool = "kubectl";
  hand_out_aws(
      context, options.hand_out, options.region, "eks token",
      [&](const AwsSigner& signer) {
        const PresignedToken token = eks_token(signer.credential, signer.region, options.cluster,
                                               context.clock().wall_now());
        const std::string version =
            exec_credential_version(environment_variable("KUBERNETES_EXEC_INFO"));
        return exec_credential(version, token.token.view(), token.expires_at);
      },
      [](const Secret& text) { print_raw(text.view()); });
  return kDone;
}

int run_rds(Context& context, const RdsOptions& options) {
  const std::int64_t port = options.port.value_or(5432);
  if (port < 1 || port > 65535) throw Error(ErrorCode::Usage, "--port is 1 to 65535");
  const DatabaseLogin login{options.host, static_cast<std::uint16_t>(port), options.user};
  hand_out_aws(
      context, options.hand_out, options.region, "rds token",
      [&](const AwsSigner& signer) {
        return rds_token(signer.credential, signer.region, login, context.clock().wall_now()).token;
      },
      [&](const Secret& token) { print_secret(context, "token", token); });
  return kDone;
}

int run_console(Context& context, const ConsoleOptions& options) {
  if (options.duration &&
      (*options.duration < Seconds{900} || *options.duration > Seconds{43200})) {
    throw Error(ErrorCode::Usage, "--duration is 15m to 12h");
  }
  hand_out_aws(
      context, options.hand_out, options.region, "console link",
      [&](const AwsSigner& signer) {
        return console_link(
            context.providers().http(), signer.credential,
            {signer.region, options.destination, options.duration, signer.federation_url});
      },
      [&](const Secret& link) { print_secret(context, "url", link); });
  return kDone;
}

}  // namespace

void add_aws_eks_token(Command& aws) {
  const auto options = std::make_shared<EksOptions>();
  Command& command = aws.add("eks-token", "print a token for an EKS cluster, for kubectl");
  command.describe(
      "An ExecCredential, for the exec section of a kubeconfig. The cluster knows the role's name "
      "alone:\na read tier narrows nothing there, so this counts as the wide tier. It serves 14 "
      "minutes.");
  command.option("--cluster", &options->cluster, "NAME", "the cluster's name").required();
  command.option("--region", &options->region, "REGION", "of the cluster; else the role's");
  add_hand_out_options(command, &options->hand_out);
  command.example("prodaccess aws eks-token --role ops --cluster prod-eu");
  command.example("command: prodaccess, args: [aws, eks-token, --role, ops, --cluster, prod-eu]",
                  "in the exec section of a kubeconfig's user");
  command.exit_status("3", "the role does not hand this out");
  command.runs([options](Context& context) { return run_eks(context, *options); });
}

void add_aws_rds_token(Command& aws) {
  const auto options = std::make_shared<RdsOptions>();
  Command& command = aws.add("rds-token", "print a password for a database of RDS or Aurora");
  command.describe(
      "IAM database authentication: the token is the password of one login, over TLS, within 15 "
      "minutes.\nThe role needs rds-db:connect; a read tier of ReadOnlyAccess has it not.");
  command.option("--host", &options->host, "HOST", "the database's endpoint").required();
  command.option("--port", &options->port, "PORT", "5432 if not given");
  command.option("--user", &options->user, "USER", "the database user").required();
  command.option("--region", &options->region, "REGION", "of the database; else the role's");
  command.flag("--wide", &options->hand_out.wide, "sign by the wide tier");
  add_hand_out_options(command, &options->hand_out);
  command.example(
      "PGPASSWORD=$(prodaccess aws rds-token --role db --host db.example.com --user ana) psql "
      "\"host=db.example.com user=ana sslmode=verify-full\"");
  command.exit_status("3", "the role does not hand this out");
  command.runs([options](Context& context) { return run_rds(context, *options); });
}

void add_aws_console(Command& aws) {
  const auto options = std::make_shared<ConsoleOptions>();
  Command& command = aws.add("console", "print a link that signs a browser in to the console");
  command.describe(
      "Whoever opens the link within 15 minutes is the role, in that browser, maybe beyond the "
      "grant's\nend: the session there is AWS's, and revoke does not reach it except by a deny "
      "policy.");
  command.option("--destination", &options->destination, "URL", "the console page to open");
  command.option("--duration", &options->duration, "TIME",
                 "of the browser's session, 15m to 12h; AWS refuses it for chained roles");
  command.option("--region", &options->region, "REGION", "tells the partition; else the role's");
  command.flag("--wide", &options->hand_out.wide, "as the wide tier");
  add_hand_out_options(command, &options->hand_out);
  command.example("xdg-open \"$(prodaccess aws console --role ops)\"");
  command.exit_status("3", "the role does not hand this out");
  command.runs([options](Context& context) { return run_console(context, *options); });
}

}  // namespace prodaccess
