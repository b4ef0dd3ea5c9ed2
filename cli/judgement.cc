#include "cli/judgement.h"

#include <algorithm>

#include "cli/context.h"
#include "cli/records.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/command/steering.h"
#include "core/command/understand.h"
#include "core/grant/provider.h"
#include "core/ledger/audit_settings.h"
#include "core/ledger/command_history.h"
#include "core/ledger/redact.h"
#include "core/os/environment.h"
#include "core/os/files.h"
#include "core/os/program.h"
#include "core/policy/decide.h"

namespace prodaccess {
namespace {

// A file bigger than this is not judged: it is opaque.
constexpr std::size_t kLargestJudgedFile = 1U << 20;
constexpr std::size_t kLargestComparedFile = 256U << 20;

std::optional<std::string> read_named_file(Context& context, const std::string& name,
                                           std::size_t limit) {
  try {
    return context.files().read_untrusted(std::filesystem::absolute(name), limit);
  } catch (const Error&) {
    return std::nullopt;  // unreadable is opaque, and says so
  }
}

bool is_trusted_program(Context& context, const Role& role, const CommandLine& command) {
  if (role.trusted_programs.empty() || command.argv.empty()) return false;
  const auto found = find_program(command.argv.front(), context.search_path());
  if (!found) return false;
  for (const TrustedProgram& program : role.trusted_programs) {
    if (program.path != found->path) continue;
    const auto content = context.files().read_untrusted(found->path, std::size_t{256} << 20);
    if (content && sha256_hex(*content) == to_lower(program.sha256)) return true;
  }
  return false;
}

DecisionContext base_context(Context& context, const Role* role,
                             std::optional<IdentityClass> identity) {
  DecisionContext decision;
  if (role != nullptr) decision = decision_context(*role);
  decision.identity = identity ? *identity : context.actor().identity;
  decision.terminal = identity ? *identity == IdentityClass::Human : context.has_terminal();
  decision.now = context.clock().wall_now();
  return decision;
}

// What `judgement` depends on beside the command: it notes the files that are read.
Surroundings surroundings_of(Context& context, Judgement& judgement) {
  Surroundings surroundings;
  surroundings.environment = context.environment();
  surroundings.postgres = &context.postgres_parser();
  surroundings.read_file = [&context, &judgement](const std::string& name) {
    auto content = read_named_file(context, name, kLargestJudgedFile);
    if (content) judgement.files_read[name] = sha256_hex(*content);
    return content;
  };
  return surroundings;
}

// The command as the rules of anomalies look at it: the same fields that its record will have.
AnomalyEvent event_of(Context& context, const Invocation& invocation, const Role& role) {
  AnomalyEvent event;
  event.person = context.actor().person;
  event.role = role.name;
  event.host = context.actor().host;
  event.verb =
      invocation.tool.empty()
          ? invocation.action
          : invocation.tool + " " + (invocation.action.empty() ? "exec" : invocation.action);
  event.targets = target_names(invocation);
  event.effect = effect_name(worst_effect(invocation));
  event.time = context.clock().wall_now();
  return event;
}

CommandHistory history_of(Context& context) {
  return {context.files(), context.clock(), context.paths().ledger(), context.paths().state,
          read_audit_settings(context.config().audit).anomalies};
}

// What came before, where a rule asks for it.
void look_back(Context& context, Judgement& judgement, const Role& role,
               DecisionContext& decision) {
  const Policy& policy = context.policy();
  const bool counts =
      policy.counts_rates && worst_effect(judgement.invocation) == Effect::Destructive;
  if (!counts && !policy.watches_anomalies) return;
  const CommandHistory history = history_of(context);
  decision.destructive_last_hour = history.destructive_last_hour(role.name);
  if (!policy.watches_anomalies) return;
  judgement.unusual = history.unusual(event_of(context, judgement.invocation, role));
  for (const AnomalyFlag& flag : judgement.unusual) decision.anomalies.push_back(flag.rule);
}

// Where the credential acts: the clouds' grants say their account first.
Target grant_target(const Role& role, const Grant& grant) {
  Target target;
  if (role.provider != "aws" && role.provider != "gcp") return target;
  target.system = role.provider;
  target.account = grant.description.target.substr(0, grant.description.target.find(' '));
  return target;
}

}  // namespace

Judgement understand_command(Context& context, const CommandLine& command) {
  Judgement judgement;
  const Surroundings surroundings = surroundings_of(context, judgement);
  judgement.invocation = understand(command, context.packs(), surroundings);
  return judgement;
}

Judgement understand_line(Context& context, const std::string& line) {
  Judgement judgement;
  const Surroundings surroundings = surroundings_of(context, judgement);
  judgement.invocation = understand_shell(line, context.packs(), surroundings);
  return judgement;
}

Judgement judge_own_command(Context& context, const std::string& action, Effect effect,
                            const Role& role, const Grant& grant) {
  Judgement judgement;
  judgement.of_ours = true;
  Invocation& invocation = judgement.invocation;
  invocation.argv = {"prodaccess", action};
  invocation.tool = "prodaccess";
  invocation.action = action;
  invocation.effect = effect;
  invocation.kind = effect == Effect::Exfil ? "client_credential" : "";
  invocation.interactive = action == "shell";
  decide_command(context, judgement, &role, &grant);
  return judgement;
}

void decide_command(Context& context, Judgement& judgement, const Role* role, const Grant* grant,
                    std::optional<IdentityClass> identity) {
  DecisionContext decision = base_context(context, role, identity);
  if (role != nullptr) {
    decision.narrowed = context.provider(*role).narrowed(*role);
    decision.in_grant = grant != nullptr;
    if (grant != nullptr) decision.grant_target = grant_target(*role, *grant);
    decision.trusted_program = is_trusted_program(context, *role, {judgement.invocation.argv});
    look_back(context, judgement, *role, decision);
  }
  if (judgement.of_ours) {
    decision.role_effects.reset();
    decision.role_tools.clear();
    decision.role_targets.clear();
  }
  judgement.decision = decide(context.policy(), judgement.invocation, decision);
  if (judgement.decision.verdict == Verdict::Allow) return;
  for (const AnomalyFlag& flag : judgement.unusual) {
    judgement.decision.reasons.push_back("unusual: " + flag.why);
  }
}

void check_decision_unchanged(const Judgement& judgement, const Grant& grant) {
  Context fresh(false);
  Judgement again;
  again.invocation = judgement.invocation;
  again.of_ours = judgement.of_ours;
  const auto role = fresh.config().roles.find(grant.role);
  if (role != fresh.config().roles.end()) {
    decide_command(fresh, again, &role->second, &grant);
    const bool same = again.decision.verdict == judgement.decision.verdict &&
                      again.decision.rules_digest == judgement.decision.rules_digest;
    if (same) return;
  }
  throw Error(ErrorCode::Denied,
              "the rules have changed since this command was judged; nothing was run",
              {"run the command again to have it judged by them"});
}

void check_rate(Context& context, const Role& role, std::int64_t most) {
  const std::int64_t count = history_of(context).destructive_last_hour(role.name);
  if (count <= most) return;
  throw Error(ErrorCode::Denied,
              "role " + role.name + " has begun " + std::to_string(count) +
                  " destructive commands in the past hour; the most is " + std::to_string(most) +
                  "; nothing was run",
              {"prodaccess policy show   has the rule that limits it, max_per_hour"});
}

std::string file_digest(Context& context, const std::string& name) {
  const auto content = read_named_file(context, name, kLargestComparedFile);
  return content ? sha256_hex(*content) : "";
}

void bind_file(Context& context, Judgement& judgement, const std::string& name) {
  judgement.files_read[name] = file_digest(context, name);
}

void bind_surroundings(Context& context, Judgement& judgement, const Role& role) {
  Steering steering = steering_of(judgement.invocation, context.packs(), context.environment());
  for (const std::string& name : steering.files) {
    std::error_code ignored;  // what cannot be looked at cannot be bound either
    const auto kind = std::filesystem::status(name, ignored).type();
    const bool is_new = !judgement.files_read.contains(name);
    const bool comparable = kind == std::filesystem::file_type::regular ||
                            kind == std::filesystem::file_type::not_found;
    if (is_new && comparable) bind_file(context, judgement, name);
  }
  for (auto& [name, value] : steering.variables) {
    // What the role sets itself is not the caller's to choose.
    const bool of_the_role =
        std::any_of(role.environment.begin(), role.environment.end(),
                    [&variable = name](const auto& entry) { return entry.first == variable; });
    if (of_the_role || !dropped_because(name).empty()) continue;
    judgement.variables.emplace(name, context.redactor().text(value));
  }
}

void check_files_unchanged(Context& context, const Judgement& judgement) {
  for (const auto& [name, digest] : judgement.files_read) {
    if (file_digest(context, name) == digest) continue;
    throw Error(ErrorCode::Denied,
                escape_for_terminal(name) + " changed after it was judged; nothing was run",
                {"run the command again to have the new content judged"});
  }
}

}  // namespace prodaccess
