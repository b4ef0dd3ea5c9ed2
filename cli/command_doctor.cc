// prodaccess doctor: what is wrong here, and the line that mends it.
#include <nlohmann/json.hpp>

#include "cli/audit_sinks.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/text.h"
#include "core/grant/provider.h"
#include "core/os/files.h"
#include "core/os/identity.h"
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

Finding from_error(const std::string& subject, const Error& error) {
  return {State::Bad, subject, error.what(), error.hints().empty() ? "" : error.hints().front()};
}

// Runs one check; what it throws is its finding.
template <typename Check>
void examine(std::vector<Finding>& findings, const std::string& subject, const Check& check) {
  try {
    check();
  } catch (const Error& error) {
    findings.push_back(from_error(subject, error));
  }
}

void examine_configuration(Context& context, std::vector<Finding>& findings) {
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

void examine_caller(std::vector<Finding>& findings) {
  const Identity identity = classify(observe_caller());
  findings.push_back({State::Good, "identity class",
                      std::string(identity_class_name(identity.identity)) + ": " + identity.because,
                      ""});
}

void examine_stores(Context& context, std::vector<Finding>& findings) {
  examine(findings, "stores", [&] {
    bool ephemeral = false;
    bool durable = false;
    for (const StoreFinding& store : context.stores().examine()) {
      const std::string kind = store.durable ? "durable store " : "keyring ";
      if (store.works) (store.durable ? durable : ephemeral) = true;
      const std::string detail = store.works ? (store.chosen ? "works; in use" : "works")
                                             : "does not work: " + store.detail;
      findings.push_back({store.works ? State::Good : State::Warning, kind + store.name, detail,
                          store.works || store.hints.empty() ? "" : store.hints.front()});
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

// The clock against that of the kernel's file times would prove nothing; a year that cannot be
// does.
void examine_clock(Context& context, std::vector<Finding>& findings) {
  const WallTime now = context.clock().wall_now();
  const bool absurd = now < *parse_rfc3339("2026-01-01T00:00:00Z");
  findings.push_back({absurd ? State::Bad : State::Good, "clock", format_rfc3339(now),
                      absurd ? "set the clock: timedatectl set-ntp true" : ""});
}

void examine_sinks(Context& context, std::vector<Finding>& findings) {
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

void examine_environment(Context& context, std::vector<Finding>& findings) {
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "VAULT_TOKEN", "BAO_TOKEN",
                           "GOOGLE_APPLICATION_CREDENTIALS", "PGPASSWORD"}) {
    if (!environment_variable(name).empty()) {
      findings.push_back({State::Warning, "environment",
                          std::string(name) + " is set: commands outside prodaccess use it",
                          std::string("unset ") + name});
    }
  }
  examine(findings, "state folder", [&] {
    context.files().make_folder(context.paths().state);
    findings.push_back({State::Good, "state folder", context.paths().state.string(), ""});
  });
}

void examine_providers(Context& context, const std::string& only, std::vector<Finding>& findings) {
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
  std::vector<Finding> findings;
  examine_configuration(context, findings);
  if (options.provider.empty()) {
    examine_caller(findings);
    examine_stores(context, findings);
    examine_clock(context, findings);
    examine_environment(context, findings);
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
