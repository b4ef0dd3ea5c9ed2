// prodaccess policy check: the verdict alone, for scripts.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/judgement.h"
#include "cli/output.h"
#include "cli/policy_text.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

struct CheckOptions {
  std::string role;
  std::string line;
  std::vector<std::string> words;
};

Judgement understand(const CheckOptions& options, Context& context) {
  if (options.line.empty() == options.words.empty()) {
    throw Error(ErrorCode::Usage, "give a command after --, or a line with --shell",
                {"prodaccess policy check -- kubectl delete pod x",
                 "prodaccess policy check --shell 'kubectl get pods | wc -l'"});
  }
  if (!options.line.empty()) return understand_line(context, options.line);
  return understand_command(context, CommandLine{options.words});
}

int check(const CheckOptions& options, Context& context) {
  Judgement judgement = understand(options, context);
  const Role* role = options.role.empty() ? nullptr : &context.config().role(options.role);
  decide_command(context, judgement, role, nullptr);
  const Decision& decision = judgement.decision;
  if (context.json()) {
    print_json(decision_json(judgement.invocation, decision));
  } else {
    const std::string effect(effect_name(worst_effect(judgement.invocation)));
    print_line(decision_phrase(decision) + "  (" + effect + ", rule " + decision.rule.id + ")");
    for (const std::string& reason : decision.reasons) print_line("  " + reason);
    if (!decision.message.empty()) print_line("  " + decision.message);
  }
  return verdict_exit_status(decision.verdict);
}

}  // namespace

void add_policy_check(Command& policy) {
  auto options = std::make_shared<CheckOptions>();
  Command& command = policy.add("check", "say whether a command may run; for scripts");
  command.describe(
      "Understands and decides like exec, and runs nothing. The exit status is the verdict.");
  command.option("--role", &options->role, "ROLE", "under this role").completes("roles");
  command.option("--shell", &options->line, "LINE", "a line as a shell would read it");
  command.rest("COMMAND", &options->words, "the command and its arguments").optional();
  command.example(
      "prodaccess policy check --role ops -- aws ec2 terminate-instances "
      "--instance-ids i-1");
  command.example("prodaccess policy check --json --shell 'rm -rf /srv/data'");
  command.exit_status("0", "allow");
  command.exit_status("1", "something failed");
  command.exit_status("2", "the command line is wrong");
  command.exit_status("3", "deny");
  command.exit_status("4", "approve: it needs somebody's approval");
  command.exit_status("6", "confirm: it asks at the terminal");
  command.runs([options](Context& context) { return check(*options, context); });
}

}  // namespace prodaccess
