// prodaccess gcp: what Google's client libraries need to run under a grant.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/provider_role.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/os/files.h"
#include "core/os/program.h"
#include "providers/gcp/executable_source.h"
#include "providers/gcp/gcp_provider.h"
#include "providers/gcp/library_service.h"

namespace prodaccess {
namespace {

struct FileOptions {
  std::string role;
  std::optional<std::string> service_account;
  std::optional<std::string> output;
};

// The library divides the command at its blanks and knows no quotes.
std::string creds_command(const Role& role) {
  const std::string program = own_program().string();
  if (program.find_first_of(" \t\"'\\") != std::string::npos) {
    throw Error(ErrorCode::Usage,
                "libraries cannot run a program whose path has blanks: " + program);
  }
  return program + " creds --role " + role.name + " --format google-executable";
}

int run(Context& context, const FileOptions& options) {
  const Role& role = role_of_provider(context, options.role, "gcp");
  if (options.service_account && !is_service_account(*options.service_account)) {
    throw Error(ErrorCode::Usage, "--service-account: not the address of a service account");
  }
  ExecutableClient client = gcp_executable_client(context.files(), role);
  client.command = creds_command(role);
  const GcpEndpoints endpoints = read_gcp_parameters(role.parameters).endpoints;
  if (options.service_account) {
    client.impersonation_url =
        endpoints.service_account_url(*options.service_account, "generateAccessToken");
  }
  const std::string text =
      external_account_file(client, endpoints.sts + "/v1/token").dump(2) + "\n";
  if (options.output) {
    context.files().write(std::filesystem::absolute(*options.output).lexically_normal(), text);
  } else if (context.json()) {
    print_json({{"credentials_file", text}});
  } else {
    print_raw(text);
  }
  return kDone;
}

// What the credential file of a running exec calls; the socket lies in the run's private folder.
void add_subject_token(Command& gcp) {
  const auto socket = std::make_shared<std::string>();
  Command& command = gcp.add("subject-token", "hand a library what opens the token of this exec");
  command.option("--socket", socket.get(), "PATH", "the socket that exec made").required();
  command.hide();
  command.runs([socket](Context& context) {
    print_raw(fetch_library_answer(*socket, context.clock().wall_now()).view());
    return kDone;
  });
}

}  // namespace

void add_gcp(Command& root) {
  Command& gcp = root.add("gcp", "what Google's client libraries need to run under a grant");
  const auto options = std::make_shared<FileOptions>();
  Command& command = gcp.add("credentials-file", "print a credential file for a role");
  command.option("--role", &options->role, "NAME", "a role whose kind is id-token or subject-token")
      .required()
      .completes("roles");
  command.option("--service-account", &options->service_account, "EMAIL",
                 "the account that the library impersonates with what it gets");
  command
      .option("--output", &options->output, "FILE",
              "write the file (mode 0600), whole or not at all")
      .completes("files");
  command.describe(
      "It holds no secret: libraries run prodaccess creds for the token, under a grant that you "
      "request.\nThey do so only with GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1, and the role "
      "must say hand_out = true.");
  command.example(
      "prodaccess gcp credentials-file --role ci --output ~/.config/prodaccess-adc.json",
      "then: GOOGLE_APPLICATION_CREDENTIALS=~/.config/prodaccess-adc.json program");
  command.runs([options](Context& context) { return run(context, *options); });
  gcp.example("prodaccess exec --role ci -- python3 upload.py", "libraries find the token");
  add_subject_token(gcp);
}

}  // namespace prodaccess
