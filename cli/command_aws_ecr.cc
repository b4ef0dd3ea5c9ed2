// prodaccess aws ecr-credential: docker's credential helper for ECR registries
// (docker/docker-credential-helpers, "credentials/"). Errors go to standard output, as docker reads
// them there.
#include <iterator>

#include "cli/command_aws.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/provider_registry.h"
#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"
#include "core/os/standard_input.h"
#include "providers/aws/ecr_login.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestServer = 4096;

struct EcrOptions {
  HandOut hand_out;
  std::string operation;
};

// What docker compares word by word, to ask its other sources.
constexpr std::string_view kNotFound = "credentials not found in native keychain";

std::string server_from_input() {
  return std::string(trim(read_input_line(kLongestServer).value_or(std::string())));
}

Secret login_json(const std::string& server, const EcrLogin& login) {
  SecretText text;
  text.add('{').add_json_member("ServerURL", server).add_json_member("Username", login.user);
  return text.add_json_member("Secret", login.password.view()).add("}\n").take();
}

int say_to_docker(std::string_view text) {
  print_raw(std::string(text) + "\n");
  return kFailed;
}

int get(Context& context, const EcrOptions& options) {
  const std::string server = server_from_input();
  if (server.empty()) return say_to_docker("no credentials server URL");
  const auto registry = parse_ecr_registry(server);
  if (!registry) return say_to_docker(kNotFound);
  try {
    hand_out_aws(
        context, options.hand_out, registry->region, "ecr login",
        [&](const AwsSigner& signer) {
          return login_json(server, ecr_login(context.providers().http(), context.clock(),
                                              signer.credential, *registry, signer.ecr_url));
        },
        [](const Secret& text) { print_raw(text.view()); });
  } catch (const Error& error) {
    std::string text = escape_for_terminal(error.what());
    if (!error.hints().empty()) text += " (" + escape_for_terminal(error.hints().front()) + ")";
    return say_to_docker("prodaccess: " + text);
  }
  return kDone;
}

int run(Context& context, const EcrOptions& options) {
  if (options.operation == "get") return get(context, options);
  if (options.operation == "list") {
    print_raw("{}\n");
    return kDone;
  }
  // Issued logins are never kept, so there is nothing to store or erase; docker sends a secret in.
  server_from_input();
  return kDone;
}

}  // namespace

void add_aws_ecr_credential(Command& aws) {
  const auto options = std::make_shared<EcrOptions>();
  Command& command = aws.add("ecr-credential", "serve docker as credential helper for ECR");
  command.describe(
      "docker runs docker-credential-prodaccess with get, store, erase or list: make that a link "
      "to "
      "the\nprodaccess binary on PATH, and name it under credHelpers in ~/.docker/config.json. "
      "Registries other\nthan ECR are answered with \"not found\". Logins are never kept here; the "
      "password serves 12 hours.");
  command.positional("OPERATION", &options->operation, "what docker asks")
      .one_of({"get", "store", "erase", "list", "version"});
  command.flag("--wide", &options->hand_out.wide, "sign by the wide tier");
  add_hand_out_options(command, &options->hand_out);
  command.example("ln -s \"$(command -v prodaccess)\" /usr/local/bin/docker-credential-prodaccess");
  command.example(
      "echo 111122223333.dkr.ecr.eu-west-1.amazonaws.com | prodaccess aws ecr-credential get");
  command.exit_status("1", "no login: the reason is on standard output, as docker wants it");
  command.runs([options](Context& context) { return run(context, *options); });
}

}  // namespace prodaccess
