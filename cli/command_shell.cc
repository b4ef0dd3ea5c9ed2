// prodaccess shell: the user's own shell under a grant, without its credential.
#include <csignal>

#include "cli/child_run.h"
#include "cli/clearance.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/grant_choice.h"
#include "cli/grant_text.h"
#include "cli/lock_check.h"
#include "cli/output.h"
#include "cli/records.h"
#include "cli/shell_setup.h"
#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/grant/grant_store.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"
#include "core/os/files.h"
#include "core/os/supervisor.h"
#include "core/os/terminal.h"
#include "core/os/tool_link.h"

namespace prodaccess {
namespace {

struct ShellOptions {
  std::string role;
  std::string shell;
  std::vector<std::string> approvals;
  std::optional<Seconds> wait;
};

struct UsersShell {
  Program program;
  ShellKind kind = ShellKind::Bash;
};

UsersShell find_shell(Context& context, const ShellOptions& options) {
  std::string name = options.shell.empty() ? environment_variable("SHELL") : options.shell;
  if (name.empty()) name = "bash";
  const auto kind = shell_kind(name);
  if (!kind) {
    throw Error(ErrorCode::Usage,
                "shell knows bash, zsh and fish, not " + escape_for_terminal(name),
                {"prodaccess shell --shell bash"});
  }
  const auto program = find_program(name, context.search_path());
  if (!program) throw Error(ErrorCode::NotFound, "there is no " + escape_for_terminal(name));
  return {*program, *kind};
}

// The start-up files and the links, in a folder that goes with this process.
ShellSetup set_up(Context& context, const UsersShell& shell, const Grant& grant,
                  const std::string& session) {
  ShellFacts facts;
  const std::filesystem::path folder = context.private_folder(session);
  const std::filesystem::path tools = folder / kToolFolder;
  context.files().make_folder(tools);
  make_tool_links(tools, context.packs().tools(), context.search_path());
  facts.folder = folder.string();
  facts.tools = tools.string();
  facts.role = grant.role;
  facts.until = std::chrono::floor<Seconds>(grant.until).time_since_epoch().count();
  facts.home = environment_variable("HOME");
  facts.zsh_folder = environment_variable("ZDOTDIR");
  ShellSetup setup = shell_setup(shell.kind, facts);
  for (const auto& [name, text] : setup.files) context.files().write(folder / name, text);
  return setup;
}

void check_live(Context& context, const Grant& grant) {
  const auto now = context.grants().find(grant.id);
  if (now && now->live(context.clock().now())) return;
  throw Error(ErrorCode::NoGrant, "the grant ended meanwhile; nothing was run",
              {"prodaccess request --role " + grant.role});
}

RunPlan plan_shell(Context& context, const UsersShell& shell, const CredentialSource& source,
                   const Judgement& judgement, const std::string& session) {
  const Grant& grant = source.grant();
  ShellSetup setup = set_up(context, shell, grant, session);
  RunPlan plan;
  plan.program = shell.program;
  plan.argv = {shell.program.path.filename().string()};
  plan.argv.insert(plan.argv.end(), setup.arguments.begin(), setup.arguments.end());
  plan.environment = environment_without_credential(context, source.role(), setup.environment);
  plan.session = session;
  plan.session_folder = context.session_folder();
  plan.grant = grant.id;
  plan.role = grant.role;
  plan.summary = "shell " + plan.argv.front();
  plan.deadline = grant.until;
  plan.watched_files = {WatchedFile(lock_guard(context).file())};
  plan.may_go_on = session_may_go_on;
  plan.stop_signals = {SIGHUP};  // an interactive shell ignores the others
  plan.grace = source.role().grace;
  plan.close_inherited = true;
  if (judgement.decision.obligations.recording) {
    plan.recording = plan_recording(context, session, plan.summary);
  }
  plan.before_start = [&context, grant] {
    check_locks(context, grant.role);
    check_live(context, grant);
  };
  plan.on_started = [&context, grant, session, path = shell.program.path](
                        pid_t pid, std::uint64_t start_time) {
    LedgerRecord record = grant_record(RecordKind::Started, grant, session);
    record.text["program"] = path.string();
    record.numbers["pid"] = pid;
    record.numbers["start_time"] = static_cast<std::int64_t>(start_time);
    context.ledger().append(record, Durability::Lazy);
  };
  return plan;
}

int run(const ShellOptions& options, Context& context) {
  const UsersShell shell = find_shell(context, options);
  CredentialSource source(context, choose_grant(context, options.role, ""));
  check_locks(context, source.role().name);
  if (!context.has_terminal() || !standard_streams_are_terminals()) {
    throw Error(ErrorCode::Denied, "a shell needs a terminal", {"prodaccess exec -- COMMAND"});
  }
  const CommandLine command{{"prodaccess", "shell"}};
  // The shell does nothing by itself, and each command in it is judged: what is asked here is
  // whether the policy lets one be opened at all, and whether it is recorded.
  Judgement judgement =
      judge_own_command(context, "shell", Effect::Read, source.role(), source.grant());
  const Clearance clearance =
      clear_command(context, command, shell.program, judgement, source, false,
                    {options.approvals, options.wait, "prodaccess shell"});
  LedgerRecord intent = grant_record(RecordKind::Intent, source.grant(), clearance.session);
  intent.text["action"] = "shell";
  add_command(context, intent, command, judgement, source.role().record);
  add_clearance(intent, clearance);
  context.ledger().append(intent, Durability::Durable);
  const RunPlan plan = plan_shell(context, shell, source, judgement, clearance.session);
  warn("shell under " + grant_line(context, source.grant()) +
       (plan.recording ? "; it is recorded" : ""));
  const RunOutcome outcome = run_supervised(plan);
  record_end(context, source, clearance.session, outcome);
  return outcome.exit_code();
}

}  // namespace

void add_shell(Command& root) {
  auto options = std::make_shared<ShellOptions>();
  Command& command = root.add("shell", "your own shell, its commands run the way exec runs them");
  command.describe(
      "Starts bash, zsh or fish with your own start-up files. Every tool that a pack knows runs "
      "through\nprodaccess there: judged, previewed, confirmed and recorded as by exec, with the "
      "grant's\ncredential. The shell itself has no credential in its environment, so what goes "
      "round the tools on\nPATH (a path written out, a program no pack knows) has none and fails "
      "at the provider. The prompt\nshows the role and the time left. The shell ends with the "
      "grant: it is told to hang up, and killed\nafter the role's grace. Inside, prodaccess "
      "serves this grant only: request, renew and --once are\nfor another terminal.");
  command.option("--role", &options->role, "ROLE", "a role or a grant's id; else the only grant")
      .completes("roles");
  command.option("--shell", &options->shell, "PROGRAM", "bash, zsh or fish; else $SHELL");
  command.option("--approval", &options->approvals, "FILE", "a signed approval, where a rule asks")
      .completes("files");
  command.option("--wait", &options->wait, "TIME", "wait so long for an approval to come");
  command.example("prodaccess shell --role ops");
  command.example("prodaccess shell --shell zsh");
  command.exit_status("N", "the shell's own status; 128+n where signal n ended it");
  command.exit_status("125", "the shell could not be started, or there is no grant");
  command.exit_status("126", "refused");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
