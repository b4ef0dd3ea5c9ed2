// prodaccess creds: hand a credential to another program.
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/credential_format.h"
#include "cli/exit_status.h"
#include "cli/hand_out.h"
#include "cli/output.h"

namespace prodaccess {
namespace {

struct CredsOptions {
  HandOut hand_out;
  std::string format = "env";
};

int run(const CredsOptions& options, Context& context) {
  const std::string format = context.json() ? "json" : options.format;
  hand_out(
      context, options.hand_out, format,
      [&](const Role& role, const Credential& credential) {
        return format_credential(context, role, credential, format);
      },
      [](const Secret& text) { print_raw(text.view()); });
  return kDone;
}

}  // namespace

void add_creds(Command& root) {
  auto options = std::make_shared<CredsOptions>();
  Command& command = root.add("creds", "hand a grant's credential to another program");
  command.describe(
      "Prints secrets on standard output, for programs that ask for them. What can use `exec` is "
      "safer\nthere: nothing is printed, and each command is judged.");
  add_hand_out_options(command, &options->hand_out);
  command.option("--format", &options->format, "FORMAT", "how it is written")
      .one_of(credential_formats());
  command.flag("--wide", &options->hand_out.wide, "the wide tier, where the role hands it out");
  command.example("eval \"$(prodaccess creds --role deploy --format env)\"");
  command.example("prodaccess creds --role deploy --once --format json");
  command.example(
      "credential_process = prodaccess creds --role ops --format aws-credential-process",
      "in a profile of ~/.aws/config");
  command.exit_status("3", "the role does not hand this out");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
