// prodaccess doctor: what is wrong here, and the line that mends it.
#include <nlohmann/json.hpp>

#include "cli/audit_sinks.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/doctor_machine.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/provider.h"
#include "core/os/store_probe.h"
#include "core/policy/policy.h"

namespace prodaccess {
namespace {

struct DoctorOptions {
  std::string provider;
};

using Finding = ProbeFinding;
using State = ProbeFinding::State;

std::string_view state_text(State state) {
  if (state == State::Good) return "ok";
  return state == State::Warning ? "warning" : "WRONG";
}

void examine_configuration(Context& context, Findings& findings) {
  examine(findings, "configuration", [&] {
    const Config& config = context.config();
    for (const std::string& why : config.ignored) {
      findings.push_back({State::Warning, "configuration", why, ""});
    }
    if (config.roles.empty()) {
      findings.push_back(
          {State::Warning, "configuration", "no role is configured", "prodaccess init"});
      return;
    }
    findings.push_back({State::Good, "configuration",
                        std::to_string(config.roles.size()) + " roles from " +
                            join(config.files, ", ") +
                            (config.self_governed ? "; self-governed" : ""),
                        ""});
  });
  examine(findings, "policy", [&] {
    const Policy& policy = context.policy();
    findings.push_back({State::Good, "policy",
                        std::to_string(policy.system.size()) + " system and " +
                            std::to_string(policy.user.size()) + " user files, digest " +
                            policy.digest.substr(0, 12),
                        ""});
  });
}

// A store that does not work is a trouble only where none of its kind does.
void examine_stores(Context& context, Findings& findings) {
  examine(findings, "stores", [&] {
    const std::vector<StoreFinding> stores = context.stores().examine();
    const auto any_works = [&](bool durable) {
      return std::any_of(stores.begin(), stores.end(), [&](const StoreFinding& store) {
        return store.durable == durable && store.chosen && store.works;
      });
    };
    const bool ephemeral = any_works(false);
    const bool durable = any_works(true);
    for (const StoreFinding& store : stores) {
      const std::string subject = (store.durable ? "durable store " : "keyring ") + store.name;
      const bool needed = store.durable ? !durable : !ephemeral;
      if (store.works) {
        findings.push_back({State::Good, subject, store.chosen ? "works; in use" : "works", ""});
      } else if (!needed) {
        findings.push_back({State::Good, subject, "not needed: " + store.detail, ""});
      } else {
        findings.push_back({State::Warning, subject, "does not work: " + store.detail,
                            store.hints.empty() ? "" : store.hints.front()});
      }
    }
    if (!ephemeral) {
      findings.push_back({State::Bad, "keyring", "none works here",
                          "prodaccess exec --once --role ROLE -- COMMAND   needs none"});
    }
    if (!durable) {
      findings.push_back({State::Warning, "durable store",
                          "none works here: keys are made anew for each boot",
                          "[stores] durable = \"file\", passphrase_from = \"prompt\""});
    }
  });
}

void examine_sinks(Context& context, Findings& findings) {
  examine(findings, "sinks", [&] {
    const WallTime now = context.clock().wall_now();
    for (const SinkProgress& sink : sink_progress(context)) {
      const std::string subject = "sink " + sink.name;
      if (sink.late(now)) {
        findings.push_back({sink.required ? State::Bad : State::Warning, subject,
                            late_sink_text(sink), "prodaccess audit forward --now"});
      } else {
        findings.push_back({State::Good, subject,
                            "has the records up to " + std::to_string(sink.delivered) +
                                (sink.required ? "; required" : ""),
                            ""});
      }
    }
  });
}

// A word that is neither a role nor the provider of one is a mistake, not a provider without
// faults.
void require_known(Context& context, const std::string& only) {
  std::vector<std::string> known;
  for (const auto& [name, role] : context.config().roles) {
    known.push_back(name);
    known.push_back(role.provider);
  }
  if (std::find(known.begin(), known.end(), only) != known.end()) return;
  std::vector<std::string> hints;
  if (const auto guess = nearest(only, known)) hints.push_back("prodaccess doctor " + *guess);
  hints.emplace_back("prodaccess roles");
  throw Error(ErrorCode::Usage,
              "no role is called " + escape_for_terminal(only) + ", or has that provider",
              std::move(hints));
}

void examine_providers(Context& context, const std::string& only, Findings& findings) {
  if (!only.empty()) require_known(context, only);
  std::set<std::string> seen;
  for (const auto& [name, role] : context.config().roles) {
    if (!only.empty() && role.provider != only && role.name != only) continue;
    const std::string subject = "role " + role.name;
    examine(findings, subject, [&, &role = role] {
      Provider& provider = context.provider(role);
      provider.check(role);
      for (Finding& finding : provider.probe(role)) {
        if (!seen.insert(role.provider + finding.subject + finding.detail).second) continue;
        finding.subject = role.provider + " " + finding.subject;
        findings.push_back(std::move(finding));
      }
    });
  }
}

int run(const DoctorOptions& options, Context& context) {
  Findings findings;
  examine_configuration(context, findings);
  if (options.provider.empty()) {
    examine_machine(context, findings);
    examine_stores(context, findings);
    examine_sinks(context, findings);
  }
  examine(findings, "providers", [&] { examine_providers(context, options.provider, findings); });
  bool bad = false;
  Json list = Json::array();
  for (const Finding& finding : findings) {
    bad = bad || finding.state == State::Bad;
    if (context.json()) {
      list.push_back({{"state", to_lower(state_text(finding.state))},
                      {"subject", finding.subject},
                      {"detail", finding.detail},
                      {"hint", finding.hint}});
      continue;
    }
    print_line(std::string(state_text(finding.state)) + "  " + finding.subject + ": " +
               finding.detail);
    if (!finding.hint.empty()) print_line("         " + finding.hint);
  }
  if (context.json()) print_json({{"findings", std::move(list)}, {"good", !bad}});
  return bad ? kFailed : kDone;
}

}  // namespace

void add_doctor(Command& root) {
  auto options = std::make_shared<DoctorOptions>();
  Command& command = root.add("doctor", "find out what is wrong here, with the line that mends it");
  command.positional("PROVIDER", &options->provider,
                     "only this provider, or the provider of this role");
  command.example("prodaccess doctor");
  command.example("prodaccess doctor aws --json");
  command.exit_status("0", "nothing is wrong; there may be warnings");
  command.exit_status("1", "something is wrong");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
