// prodaccess exec: understand, decide, show, record, unlock, run.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/audit_sinks.h"
#include "cli/child_run.h"
#include "cli/clearance.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/credential_source.h"
#include "cli/exec_report.h"
#include "cli/exit_status.h"
#include "cli/hand_out.h"
#include "cli/judgement.h"
#include "cli/lock_check.h"
#include "cli/output.h"
#include "cli/records.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"
#include "core/ledger/ledger.h"

namespace prodaccess {
namespace {

struct ExecOptions {
  SourceChoice source;
  bool dry_run = false;
  bool explain_env = false;
  bool aws_endpoint = false;
  std::optional<Seconds> min_ttl;
  std::string status_file;
  std::optional<std::int64_t> status_fd;
  std::vector<std::string> words;
};

// A command that would be cut midway is not begun.
void check_time_left(Context& context, const ExecOptions& options, const CredentialSource& source,
                     const Invocation& invocation) {
  const Seconds needed = std::max({options.min_ttl.value_or(Seconds{0}), source.role().min_ttl,
                                   Seconds{invocation.usually_takes}});
  const Seconds left = source.grant().left(context.clock().now());
  if (left >= needed) return;
  throw Error(ErrorCode::NoGrant,
              "the grant ends in " + format_duration(left) + ", this command needs " +
                  format_duration(needed),
              {"prodaccess renew " + source.grant().id.substr(0, 4) + " --ttl " +
               format_duration(std::min(source.role().ttl_max, needed * 2))});
}

Program find_checked_program(Context& context, const CommandLine& command) {
  auto program = find_program(command.argv.front(), context.search_path());
  if (program) return *program;
  throw StartFailure(kExecNotFound, ErrorCode::NotFound,
                     "there is no command " + escape_for_terminal(command.argv.front()));
}

// Whether it reads at most, or prints the client's own credential.
bool prints_its_own(const Invocation& invocation) {
  const bool itself = invocation.effect == Effect::Read || !invocation.parts.empty() ||
                      invocation.kind == "client_credential";
  return itself && std::all_of(invocation.parts.begin(), invocation.parts.end(), prints_its_own);
}

// Reads get the narrowest credential, also those that run code of the project; so does what a role
// that only reads cannot see through, and what would print a wide one that `creds` would refuse.
Tier tier_for(Context& context, const Invocation& invocation, const Role& role) {
  const Effect effect = worst_effect(invocation);
  const bool role_only_reads = role.narrowed == Effect::Read;
  const bool narrow =
      effect == Effect::Read || (effect == Effect::Opaque && role_only_reads) ||
      (effect == Effect::Exfil && prints_its_own(invocation) && !hands_out_wide(context, role));
  return narrow ? Tier::Read : Tier::Wide;
}

void record_intent(Context& context, const CommandLine& command, const Judgement& judgement,
                   const CredentialSource& source, const Clearance& clearance) {
  LedgerRecord record = grant_record(RecordKind::Intent, source.grant(), clearance.session);
  record.text["action"] = "exec";
  add_command(context, record, command, judgement, source.role().record);
  add_clearance(record, clearance);
  if (const std::string kept = kept_variables(context, source.role()); !kept.empty()) {
    record.text["kept_variables"] = kept;
  }
  context.ledger().append(record, Durability::Durable);
}

// What stands between the intent and the command's start may fail: then nothing ran, and the ledger
// says so.
RunOutcome run_recorded(Context& context, const ChildRun& run, const Judgement& judgement) {
  try {
    const Obligations& obligations = judgement.decision.obligations;
    send_alerts(context, obligations.alerts, AlertFailure::Warns);
    if (obligations.max_per_hour) {
      check_rate(context, run.source.role(), *obligations.max_per_hour);
    }
    check_files_unchanged(context, judgement);
    return run_child(context, run);
  } catch (const std::exception& error) {
    record_failure(context, run.source.grant(), run.session, "start", error);
    throw;
  }
}

int run_command(const ExecOptions& options, Context& context, ExecReport& report) {
  CommandLine command{options.words};
  report.stage("understand");
  Judgement judgement = understand_command(context, command);
  report.stage("grant");
  SourceChoice choice = options.source;
  choice.tool = judgement.invocation.tool;
  const auto source = choose_source(context, choice, "prodaccess exec", " -- COMMAND");
  check_locks(context, source->role().name);
  const Program program = find_checked_program(context, command);
  check_time_left(context, options, *source, judgement.invocation);
  report.stage("decide");
  decide_command(context, judgement, &source->role(), &source->grant());
  report.decided(judgement);
  if (options.explain_env) {
    print_environment(context, *source, tier_for(context, judgement.invocation, source->role()),
                      options.aws_endpoint);
    return kDone;
  }
  Clearance clearance =
      clear_command(context, command, program, judgement, *source, options.dry_run,
                    {choice.approvals, choice.wait, "prodaccess exec"});
  if (options.dry_run) {
    print_dry_run(context, command, judgement, clearance);
    return kDone;
  }
  report.stage("record");
  record_intent(context, command, judgement, *source, clearance);
  report.stage("run");
  const ChildRun run{program,
                     clearance.command,
                     *source,
                     tier_for(context, judgement.invocation, source->role()),
                     worst_effect(judgement.invocation),
                     clearance.session,
                     options.aws_endpoint,
                     judgement.decision.obligations.recording,
                     clearance.folded};
  const RunOutcome outcome = run_recorded(context, run, judgement);
  record_end(context, *source, clearance.session, outcome);
  source->finish();
  report.ended(outcome);
  return outcome.exit_code();
}

int run(const ExecOptions& options, Context& context) {
  ExecReport report(context, options.status_file, options.status_fd);
  try {
    return run_command(options, context, report);
  } catch (const StartFailure& failure) {
    report.failed(failure, failure.exit_code());
    print_error(failure, context.json());
    return failure.exit_code();
  } catch (const Error& error) {
    report.failed(error, exec_exit_status(error.code()));
    throw;
  }
}

}  // namespace

void add_exec(Command& root) {
  auto options = std::make_shared<ExecOptions>();
  Command& command = root.add("exec", "run a command under a grant, after a check");
  command.describe(
      "The command is understood first. Reads pass at once; destructive commands are previewed and "
      "take\na typed confirmation; what the role may not do is refused; all of it is recorded. The "
      "exit\nstatus, the signals and the terminal are the command's own.");
  command
      .option("--role", &options->source.role, "ROLE",
              "a role or a grant's id; else the only grant that serves the tool")
      .completes("roles");
  command.flag("--once", &options->source.once,
               "issue for this command alone, keep nothing, revoke at the end");
  command.option("--ttl", &options->source.ttl, "TIME", "with --once: how long");
  command.option("--reason", &options->source.reason, "TEXT", "with --once: why");
  command.option("--ticket", &options->source.ticket, "ID", "with --once: the ticket");
  command
      .option("--approval", &options->source.approvals, "FILE", "a signed approval of this command")
      .completes("files");
  command.option("--wait", &options->source.wait, "TIME", "wait so long for an approval to come");
  command.flag("--dry-run", &options->dry_run, "stop after the decision and its preview");
  command.flag("--explain-env", &options->explain_env,
               "say what the child's environment would be, and stop");
  command.flag(
      "--aws-endpoint", &options->aws_endpoint,
      "serve AWS keys on loopback and renew them, instead of putting them into the environment");
  command.option("--min-ttl", &options->min_ttl, "TIME", "refuse a grant that ends sooner");
  command
      .option("--status-file", &options->status_file, "FILE",
              "write what became of it, as one JSON object")
      .completes("files");
  command.option("--status-fd", &options->status_fd, "N", "the same to an open descriptor");
  command.rest("COMMAND", &options->words, "the command and its arguments, passed on as they are");
  command.example("prodaccess exec -- psql -c 'select 1'");
  command.example("prodaccess exec --role ops -- aws ec2 describe-instances");
  command.example("prodaccess exec --once --role deploy --reason \"$RUN_ID\" -- ./deploy.sh",
                  "in CI, where no keyring exists");
  command.exit_status("N", "the command's own status; 128+n where signal n ended it");
  command.exit_status("2", "the command line is wrong");
  command.exit_status("125", "prodaccess failed before it could run the command");
  command.exit_status("126", "refused (policy, confirmation, approval), or it cannot be executed");
  command.exit_status("127", "there is no such command");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
