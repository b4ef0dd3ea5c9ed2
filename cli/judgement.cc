#include "cli/judgement.h"

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"
#include "core/grant/provider.h"
#include "core/ledger/query.h"
#include "core/os/files.h"
#include "core/os/program.h"
#include "core/policy/decide.h"

namespace prodaccess {
namespace {

// A file bigger than this is not judged: it is opaque.
constexpr std::size_t kLargestJudgedFile = 1U << 20;

std::optional<std::string> read_named_file(Context& context, const std::string& name) {
  try {
    return context.files().read_untrusted(std::filesystem::absolute(name), kLargestJudgedFile);
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

DecisionContext base_context(Context& context, std::optional<IdentityClass> identity) {
  DecisionContext decision;
  decision.identity = identity ? *identity : context.actor().identity;
  decision.terminal = context.has_terminal();
  decision.now = context.clock().wall_now();
  return decision;
}

// What `judgement` depends on beside the command: it notes the files that are read.
Surroundings surroundings_of(Context& context, Judgement& judgement) {
  Surroundings surroundings;
  surroundings.environment = context.environment();
  surroundings.postgres = &context.postgres_parser();
  surroundings.read_file = [&context, &judgement](const std::string& name) {
    auto content = read_named_file(context, name);
    if (content) judgement.files_read[name] = sha256_hex(*content);
    return content;
  };
  return surroundings;
}

// How many destructive commands ran under the role within the hour, by the ledger.
std::int64_t destructive_last_hour(Context& context, const Role& role) {
  RecordFilter filter;
  filter.kinds = {"intent"};
  filter.role = role.name;
  filter.effect = effect_name(Effect::Destructive);
  filter.from = context.clock().wall_now() - std::chrono::hours{1};
  std::int64_t count = 0;
  for_each_record(context.paths().ledger(), filter, [&count](const RecordEntry&) {
    ++count;
    return true;
  });
  return count;
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

void decide_command(Context& context, Judgement& judgement, const Role* role, const Grant* grant,
                    std::optional<IdentityClass> identity) {
  DecisionContext decision = base_context(context, identity);
  if (role != nullptr) {
    decision.role = role->name;
    if (role->effects_given) decision.role_effects = role->effects;
    decision.role_tools = role->tools;
    decision.narrowed = context.provider(*role).narrowed(*role);
    decision.in_grant = grant != nullptr;
    if (worst_effect(judgement.invocation) == Effect::Destructive &&
        counts_rates(context.policy())) {
      decision.destructive_last_hour = destructive_last_hour(context, *role);
    }
    if (grant != nullptr) decision.grant_target = grant_target(*role, *grant);
    decision.trusted_program = is_trusted_program(context, *role, {judgement.invocation.argv});
  }
  judgement.decision = decide(context.policy(), judgement.invocation, decision);
}

void check_files_unchanged(Context& context, const Judgement& judgement) {
  for (const auto& [name, digest] : judgement.files_read) {
    const auto content = read_named_file(context, name);
    if (content && sha256_hex(*content) == digest) continue;
    throw Error(ErrorCode::Denied,
                escape_for_terminal(name) + " changed after it was judged; nothing was run",
                {"run the command again to have the new content judged"});
  }
}

}  // namespace prodaccess
