#include "cli/child_run.h"

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/aws_endpoint_service.h"
#include "cli/context.h"
#include "cli/lock_check.h"
#include "cli/output.h"
#include "cli/records.h"
#include "cli/successor.h"
#include "core/base/text.h"
#include "core/grant/credential_template.h"
#include "core/grant/grant_store.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"
#include "core/ledger/redact.h"
#include "core/os/environment.h"
#include "core/os/files.h"
#include "core/os/terminal.h"
#include "core/os/tool_link.h"

namespace prodaccess {
namespace {

GrantVariables grant_variables(Context& context, CredentialSource& source, Tier tier) {
  GrantVariables variables;
  variables.secret = credential_variables(context, source.role(), source.credential(tier));
  return variables;
}

BuiltEnvironment built_environment(Context& context, const Role& role, GrantVariables variables,
                                   const std::vector<std::string>& folded = {}) {
  EnvironmentRules rules = context.config().child_environment;
  rules.drop.insert(rules.drop.end(), folded.begin(), folded.end());
  const Provider& provider = context.provider(role);
  for (std::string& name : provider.rival_variables()) rules.drop.push_back(std::move(name));
  for (std::string& name : provider.base_variables(role)) rules.drop.push_back(std::move(name));
  BuiltEnvironment built = build_environment(caller_environment(), rules, std::move(variables));
  // What is judged as a whole is not judged again part by part.
  for (std::string& entry : built.environment.plain) {
    if (entry.starts_with("PATH=")) entry = "PATH=" + without_tool_folders(entry.substr(5));
  }
  return built;
}

void record_start(Context& context, const ChildRun& run, pid_t pid, std::uint64_t start_time) {
  LedgerRecord record = grant_record(RecordKind::Started, run.source.grant(), run.session);
  record.text["program"] = run.program.path.string();
  record.numbers["pid"] = pid;
  record.numbers["start_time"] = static_cast<std::int64_t>(start_time);
  context.ledger().append(record, Durability::Lazy);
}

// A grant that was revoked between the decision and the start must not serve.
void check_still_live(Context& context, const CredentialSource& source) {
  check_locks(context, source.role().name);
  if (source.once()) return;
  const auto grant = context.grants().find(source.grant().id);
  const Moment now = context.clock().now();
  if (grant && grant->live(now)) return;
  throw Error(ErrorCode::NoGrant,
              "grant " + source.grant().id.substr(0, 4) + " " +
                  std::string(grant ? grant->state_words(now) : "is gone") + "; nothing was run",
              {"prodaccess request --role " + source.role().name});
}

}  // namespace

std::string recording_name(const std::string& session) { return session + ".cast"; }

RecordingPlan plan_recording(Context& context, const std::string& session, std::string title) {
  if (!standard_streams_are_terminals()) {
    throw Error(ErrorCode::Denied,
                "a rule has this recorded, which needs a terminal for all it says",
                {"run it without pipes and redirections"});
  }
  const std::filesystem::path folder = context.paths().state / "recordings";
  context.files().make_folder(folder);
  RecordingPlan plan{folder / recording_name(session), std::move(title)};
  plan.redact = [&context](std::string_view text) { return context.redactor().text(text); };
  return plan;
}

std::string kept_variables(Context& context, const Role& role) {
  const EnvironmentRules& rules = context.config().child_environment;
  if (rules.keep.empty()) return {};
  std::vector<std::string> kept;
  for (const EnvironmentChange& change : built_environment(context, role, {}).changes) {
    const bool against = !dropped_because(change.name).empty();
    if (change.kind == EnvironmentChange::Kind::Kept && against) kept.push_back(change.name);
  }
  return join(kept, ", ");
}

std::vector<std::pair<std::string, Secret>> credential_variables(Context& context, const Role& role,
                                                                 const Credential& credential) {
  auto variables = context.provider(role).environment(role, credential);
  for (const auto& [name, text] : role.environment) {
    variables.emplace_back(name, fill_template(text, credential));
  }
  return variables;
}

CredentialFiles::CredentialFiles(const Role& role, const Credential& credential) {
  for (const auto& [name, text] : role.files) {
    files_.emplace_back(name, SecretFile(fill_template(text, credential).view()));
  }
}

std::vector<std::pair<std::string, Secret>> CredentialFiles::variables(
    std::optional<int> first) const {
  std::vector<std::pair<std::string, Secret>> variables;
  for (const auto& [name, file] : files_) {
    const int number = first ? (*first)++ : file.descriptor();
    variables.emplace_back(name, Secret("/dev/fd/" + std::to_string(number)));
  }
  return variables;
}

std::vector<int> CredentialFiles::descriptors() const {
  std::vector<int> numbers;
  for (const auto& [name, file] : files_) numbers.push_back(file.descriptor());
  return numbers;
}

ChildEnvironment environment_without_credential(
    Context& context, const Role& role,
    const std::vector<std::pair<std::string, std::string>>& more) {
  GrantVariables variables;
  variables.plain = more;
  return built_environment(context, role, std::move(variables)).environment;
}

void record_end(Context& context, const CredentialSource& source, const std::string& session,
                const RunOutcome& outcome) {
  LedgerRecord record = grant_record(RecordKind::Ended, source.grant(), session);
  record.text["ended_by"] = outcome.ended_by;
  record.numbers["status"] = outcome.exit_code();
  record.numbers["milliseconds"] = outcome.duration.count();
  if (!outcome.recording_sha256.empty()) {
    record.text["recording"] = recording_name(session);
    record.text["recording_sha256"] = outcome.recording_sha256;
  }
  context.ledger().append(record, Durability::Lazy);
}

std::vector<std::pair<std::string, Secret>> helper_environment(
    Context& context, CredentialSource& source, Tier tier, const ChildService* service,
    const std::vector<std::string>& folded) {
  GrantVariables given = grant_variables(context, source, tier);
  if (service != nullptr) {
    for (auto& variable : service->environment()) given.secret.push_back(std::move(variable));
  }
  BuiltEnvironment built = built_environment(context, source.role(), std::move(given), folded);
  auto variables = std::move(built.environment.secret);
  for (const std::string& entry : built.environment.plain) {
    const std::size_t equals = entry.find('=');
    variables.emplace_back(entry.substr(0, equals),
                           Secret(std::string_view(entry).substr(equals + 1)));
  }
  return variables;
}

void print_environment(Context& context, CredentialSource& source, Tier tier, bool aws_endpoint) {
  GrantVariables variables = grant_variables(context, source, tier);
  if (aws_endpoint) {
    const auto endpoint =
        serve_aws_endpoint(context, served_run(context, source, tier, ""), variables);
    for (auto& variable : endpoint->environment()) variables.secret.push_back(std::move(variable));
  }
  for (const auto& [name, text] : source.role().files) {
    variables.secret.emplace_back(name, Secret());
  }
  const BuiltEnvironment built = built_environment(context, source.role(), std::move(variables));
  Json list = Json::array();
  for (const EnvironmentChange& change : built.changes) {
    if (change.kind == EnvironmentChange::Kind::Kept) continue;
    const std::string what = change.kind == EnvironmentChange::Kind::Set ? "set" : "dropped";
    if (context.json()) {
      list.push_back({{"name", change.name}, {"change", what}, {"why", change.why}});
    } else {
      print_line(what + "  " + change.name + "  (" + change.why + ")");
    }
  }
  if (context.json()) print_json({{"environment", std::move(list)}});
}

ServedRun served_run(Context& context, CredentialSource& source, Tier tier,
                     const std::string& session) {
  return {source.role(), source.credential(tier), source.grant().until,
          [&context, &source, tier] { return successor_of(context, source, tier); },
          [&context, session] { return context.private_folder(session); }};
}

RunOutcome run_child(Context& context, const ChildRun& run) {
  const Role& role = run.source.role();
  Provider& provider = context.provider(role);
  GrantVariables variables = grant_variables(context, run.source, run.tier);
  const ServedRun served = served_run(context, run.source, run.tier, run.session);
  const auto service = provider.serve(served);
  std::unique_ptr<ChildService> endpoint;
  if (run.aws_endpoint) endpoint = serve_aws_endpoint(context, served, variables);
  const CredentialFiles files(role, served.credential);
  for (auto& variable : files.variables(std::nullopt)) {
    variables.secret.push_back(std::move(variable));
  }
  RunPlan plan;
  plan.given = files.descriptors();
  for (ChildService* serving : {service.get(), endpoint.get()}) {
    if (serving == nullptr) continue;
    for (auto& variable : serving->environment()) variables.secret.push_back(std::move(variable));
    plan.services.push_back(serving);
  }
  plan.program = run.program;
  plan.argv = run.command.argv;
  plan.environment = built_environment(context, role, std::move(variables), run.folded).environment;
  plan.session = run.session;
  plan.session_folder = context.session_folder();
  plan.grant = run.source.grant().id;
  plan.role = role.name;
  plan.summary = command_summary(context, run.command, role.record);
  plan.deadline = run.source.grant().until;
  plan.watched_files = {WatchedFile(lock_guard(context).file())};
  plan.may_go_on = session_may_go_on;
  plan.grace = run.effect >= Effect::Write ? role.grace : Seconds{1};
  plan.stop_signals = {SIGINT, SIGTERM};
  if (run.recording) plan.recording = plan_recording(context, run.session, plan.summary);
  plan.close_inherited = context.actor().identity == IdentityClass::Agent;
  plan.before_start = [&] { check_still_live(context, run.source); };
  plan.on_started = [&](pid_t pid, std::uint64_t start_time) {
    record_start(context, run, pid, start_time);
  };
  return run_supervised(plan);
}

}  // namespace prodaccess
