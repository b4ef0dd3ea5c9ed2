// prodaccess policy test, lint, show: the policy in force, or policy files that are not yet.
#include <nlohmann/json.hpp>

#include "cli/approval_gate.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/policy_text.h"
#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"
#include "core/grant/config.h"
#include "core/ledger/audit_settings.h"
#include "core/os/files.h"
#include "core/os/zone_data.h"
#include "core/policy/approval_settings.h"
#include "core/policy/lint.h"
#include "core/policy/policy_tests.h"

namespace prodaccess {
namespace {

struct FilesOptions {
  std::vector<std::string> files;
};

bool is_pack(std::string_view toml) {
  return toml.starts_with("[[tool]]") || toml.find("\n[[tool]]") != std::string_view::npos;
}

// The files as a layer of their own, or the policy in force where none is named.
Policy chosen_policy(const FilesOptions& options, Context& context) {
  if (options.files.empty()) return context.policy();
  std::vector<PolicySource> sources;
  for (const std::string& file : options.files) {
    auto text = context.files().read_untrusted(file);
    if (!text) throw Error(ErrorCode::NotFound, "there is no file " + escape_for_terminal(file));
    if (is_pack(*text)) {
      PackSet().add(*text, file);  // throws for what is wrong in it
      continue;
    }
    sources.push_back({file, std::move(*text)});
  }
  Policy policy = assemble_policy(sources, {}, true,
                                  [](const std::string& name) { return read_zone_data(name); });
  for (const auto& [key, labels] : context.config().environments) {
    policy.environments.emplace(key, labels);
  }
  return policy;
}

// A test sees no file and no environment: it means the same on every machine.
Invocation understand_test(const PolicyTest& test, const PackSet& packs) {
  const Surroundings nothing;
  return test.argv.empty() ? understand_shell(test.line, packs, nothing)
                           : understand(CommandLine{test.argv}, packs, nothing);
}

// Files that are tried out may name roles that this machine does not have.
DecisionContext role_context(const std::string& name, const Config& config, bool in_force) {
  if (!in_force && config.roles.find(name) == config.roles.end()) return {};
  const Role& role = config.role(name);
  DecisionContext decision = decision_context(role);
  decision.narrowed = role.narrowed;
  return decision;
}

Json test_json(const PolicyTestResult& result) {
  return {{"place", result.position.text()},
          {"command", result.command},
          {"passed", result.differences.empty()},
          {"differences", result.differences},
          {"rule", {{"id", result.rule.id}, {"source", result.rule.source}}}};
}

int test(const FilesOptions& options, Context& context) {
  const Policy policy = chosen_policy(options, context);
  PolicyTestWorld world;
  world.understand = [&](const PolicyTest& one) { return understand_test(one, context.packs()); };
  world.role = [&](const std::string& name) {
    return role_context(name, context.config(), options.files.empty());
  };
  const auto results = run_policy_tests(policy, world);
  std::size_t failed = 0;
  Json list = Json::array();
  for (const PolicyTestResult& result : results) {
    failed += result.differences.empty() ? 0 : 1;
    list.push_back(test_json(result));
    if (context.json() || result.differences.empty()) continue;
    print_line(result.position.text() + ": " + result.command);
    for (const std::string& line : result.differences) print_line("  " + line);
    print_line("  decided by " + result.rule.id + " (" + result.rule.source + ")");
  }
  if (context.json()) {
    print_json({{"tests", std::move(list)}, {"failed", failed}});
  } else {
    print_line(std::to_string(results.size()) + " tests, " + std::to_string(failed) + " failed");
  }
  return failed == 0 ? kDone : kRefused;
}

LintWorld lint_world(Context& context) {
  LintWorld world;
  for (const auto& [name, role] : context.config().roles) world.roles.insert(name);
  const ApprovalSettings approvals = approval_settings(context);
  for (const auto& [name, members] : approvals.groups) world.groups.insert(name);
  for (const SinkSettings& sink : read_audit_settings(context.config().audit).sinks) {
    world.sinks.insert(sink.name);
  }
  world.anomalies = anomaly_rules();
  auto verbs = std::make_shared<std::map<std::string, std::vector<std::string>>>();
  for (const PackSet::Listing& listing : context.packs().list()) {
    world.tools.insert(listing.tool);
    (*verbs)[listing.tool].push_back(listing.verb);
  }
  world.verbs = [verbs](const std::string& tool) { return (*verbs)[tool]; };
  return world;
}

int lint(const FilesOptions& options, Context& context) {
  const auto findings = lint_policy(chosen_policy(options, context), lint_world(context));
  Json list = Json::array();
  for (const LintFinding& finding : findings) {
    list.push_back(
        {{"place", finding.place}, {"rule", finding.rule}, {"message", finding.message}});
    if (!context.json()) {
      print_line(finding.place + ": rule '" + finding.rule + "': " + finding.message);
    }
  }
  if (context.json()) print_json({{"findings", std::move(list)}});
  return findings.empty() ? kDone : kRefused;
}

struct BuiltinRow {
  const char* id;
  const char* when;
  const char* says;
};
// guard.md's table, for people; core/policy/builtin.cc is what decides.
constexpr std::array<BuiltinRow, 8> kBuiltin{{
    {"built-in:read", "effect read", "allow"},
    {"built-in:client-credential", "a client's own token, in a grant", "allow"},
    {"built-in:sensitive", "effect read or write, labels sensitive", "confirm or approve"},
    {"built-in:scale", "scale above [bounds] scale", "confirm or approve"},
    {"built-in:write", "effect write", "allow"},
    {"built-in:opaque", "effect opaque, unless the provider narrows or the program is trusted",
     "confirm or approve"},
    {"built-in:exfil, built-in:privilege", "effect exfil or privilege", "confirm or approve"},
    {"built-in:destructive, built-in:hidden", "effect destructive, or a part that is hidden",
     "preview, confirm twice or approve"},
}};

void show_rules(const std::vector<std::shared_ptr<const PolicyLayer>>& layers, const char* name,
                std::vector<std::vector<std::string>>& rows, Json& list) {
  for (const auto& layer : layers) {
    for (const Rule& rule : layer->rules) {
      rows.push_back({name, rule.reference.id, statement_phrase(rule), conditions_phrase(rule),
                      rule.reference.source});
      list.push_back({{"layer", name},
                      {"id", rule.reference.id},
                      {"source", rule.reference.source},
                      {"says", statement_phrase(rule)},
                      {"when", conditions_phrase(rule)}});
    }
  }
}

int show(Context& context) {
  const Policy& policy = context.policy();
  std::vector<std::vector<std::string>> rows{{"LAYER", "RULE", "SAYS", "WHEN", "SOURCE"}};
  Json list = Json::array();
  show_rules(policy.system, "system", rows, list);
  show_rules(policy.user, policy.self_governed ? "self-governed" : "user (narrows)", rows, list);
  for (const BuiltinRow& row : kBuiltin) {
    rows.push_back({"default", row.id, row.says, row.when, "built-in"});
    list.push_back({{"layer", "default"},
                    {"id", row.id},
                    {"source", "built-in"},
                    {"says", row.says},
                    {"when", row.when}});
  }
  if (context.json()) {
    print_json({{"self_governed", policy.self_governed},
                {"digest", policy.digest},
                {"rules", std::move(list)},
                {"environments", policy.environments}});
    return kDone;
  }
  for (const std::string& line : format_table(rows)) print_line(line);
  print_line(policy.self_governed
                 ? "self-governed: no system layer; the user's files stand in its place"
                 : "the system layer governs; the user's files only narrow");
  return kDone;
}

}  // namespace

void add_policy_test(Command& policy) {
  auto options = std::make_shared<FilesOptions>();
  Command& command = policy.add("test", "run the [[test]]s that stand beside the rules");
  command.describe(
      "Without files: the policy in force. With files: these alone, as the system layer would hold "
      "them.\nTests read no file and no environment.");
  command.positional("FILE", &options->files, "policy files to try").completes("files");
  command.example("prodaccess policy test");
  command.example("prodaccess policy test policy.d/50-team.toml", "before it is installed");
  command.exit_status("0", "all passed");
  command.exit_status("3", "a test failed");
  command.runs([options](Context& context) { return test(*options, context); });
}

void add_policy_lint(Command& policy) {
  auto options = std::make_shared<FilesOptions>();
  Command& command = policy.add("lint", "find rules that can never match, or say nothing new");
  command.positional("FILE", &options->files, "policy files to look at").completes("files");
  command.example("prodaccess policy lint");
  command.example("prodaccess policy lint policy.toml packs/shipit.toml");
  command.exit_status("0", "nothing was found");
  command.exit_status("3", "something was found");
  command.runs([options](Context& context) { return lint(*options, context); });
}

void add_policy_show(Command& policy) {
  Command& command = policy.add("show", "show the rules in force, each with its source");
  command.example("prodaccess policy show --json");
  command.runs([](Context& context) { return show(context); });
}

}  // namespace prodaccess
