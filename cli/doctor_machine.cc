#include "cli/doctor_machine.h"

#include <algorithm>

#include "cli/audit_options.h"
#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"
#include "core/ledger/anchor.h"
#include "core/ledger/verify.h"
#include "core/os/environment.h"
#include "core/os/files.h"
#include "core/os/identity.h"
#include "core/os/program.h"

namespace prodaccess {
namespace {

using State = ProbeFinding::State;

std::string hint_of(const Error& error) {
  if (!error.hints().empty()) return error.hints().front();
  if (error.code() == ErrorCode::Config)
    return "mend that line; prodaccess-config(5) has every key";
  if (error.code() == ErrorCode::Policy) {
    return "mend that line, then: prodaccess policy lint; prodaccess-policy(5) has every key";
  }
  return "";
}

void examine_caller(Context& context, Findings& findings) {
  const Identity identity = classify(observe_caller());
  findings.push_back({State::Good, "identity class",
                      std::string(identity_class_name(identity.identity)) + ": " + identity.because,
                      ""});
  if (context.has_terminal()) {
    findings.push_back({State::Good, "terminal", "questions can be asked here", ""});
  } else {
    findings.push_back(
        {State::Warning, "terminal",
         "nobody can be asked here: what needs a confirmation needs an approval",
         "run it in the foreground of a terminal, or see prodaccess approve --help"});
  }
}

// Whole groups are named at once: the line that mends them is one too.
void examine_environment(Findings& findings) {
  std::map<std::string, std::vector<std::string>> found;
  for (const std::string_view entry : caller_environment()) {
    const std::string name{entry.substr(0, entry.find('='))};
    const std::string_view why = dropped_because(name);
    if (why == "rival credential" || why == "endpoint override" ||
        why == "turns verification off") {
      found[std::string(why)].push_back(name);
    }
  }
  for (const auto& [why, names] : found) {
    findings.push_back({State::Warning, "environment",
                        join(names, ", ") + (names.size() == 1 ? " is set (" : " are set (") + why +
                            "): commands outside prodaccess use it, those under exec do not",
                        "unset " + join(names, " ")});
  }
  if (found.empty()) {
    findings.push_back({State::Good, "environment", "no credential or endpoint lies in it", ""});
  }
}

struct Client {
  std::string program;
  std::string package;
};

// The client that a role is mostly used with; none where any may be.
Client client_of(const Role& role) {
  if (role.provider == "aws") return {"aws", "awscli"};
  if (role.provider == "gcp") return {"gcloud", "google-cloud-cli"};
  if (role.provider == "postgres") return {"psql", "postgresql-client"};
  if (role.provider == "kubernetes") return {"kubectl", "kubernetes-client"};
  return {};
}

void examine_tools(Context& context, Findings& findings) {
  std::set<std::string> seen;
  for (const auto& [name, role] : context.config().roles) {
    const Client client = client_of(role);
    if (client.program.empty() || !seen.insert(client.program).second) continue;
    examine(findings, "tool " + client.program, [&, &name = name, &role = role] {
      if (const auto found = find_program(client.program, context.search_path())) {
        findings.push_back({State::Good, "tool " + client.program, found->path.string(), ""});
        return;
      }
      findings.push_back({State::Warning, "tool " + client.program,
                          "not on PATH; role " + name + " is from " + role.provider,
                          "apt install " + client.package});
    });
  }
}

// Where nobody else tells the time, our own past does: nothing was recorded in the future.
void examine_clock(Context& context, Findings& findings) {
  const WallTime now = context.clock().wall_now();
  const std::string mend = "set the clock: timedatectl set-ntp true";
  if (now < *parse_rfc3339("2026-01-01T00:00:00Z")) {
    findings.push_back({State::Bad, "clock", format_rfc3339(now) + " cannot be", mend});
    return;
  }
  std::optional<WallTime> last;
  for (const Grant& grant : context.grants().list())
    last = std::max(last.value_or(grant.from), grant.from);
  if (last && *last > now + Seconds{120}) {
    findings.push_back({State::Bad, "clock",
                        format_rfc3339(now) + ", but a grant was made at " + format_rfc3339(*last) +
                            ": it went back",
                        mend});
    return;
  }
  findings.push_back({State::Good, "clock", format_rfc3339(now), ""});
}

void examine_ledger(Context& context, Findings& findings) {
  const auto folder = context.paths().ledger();
  if (!context.files().list(folder, Owner::Me)) {
    findings.push_back({State::Good, "ledger", "nothing is recorded yet", ""});
    return;
  }
  VerifyOptions trust;
  trust.anchors = read_anchors(folder);
  const IntegrityReport report = verify_ledger(folder, trust);
  if (report.finding) {
    findings.push_back({State::Bad, "ledger",
                        "broken at record " + std::to_string(report.finding->record) + ": " +
                            report.finding->detail,
                        "prodaccess audit verify   says what to do"});
  } else if (trust.anchors.empty()) {
    findings.push_back(
        {State::Warning, "ledger",
         std::to_string(report.records) + " records, and no anchor: a cut end would not be seen",
         "prodaccess audit verify; the next record makes one again"});
  } else {
    findings.push_back({State::Good, "ledger",
                        std::to_string(report.records) + " records; the anchor agrees", ""});
  }
  if (context.config().audit.has("sinks")) return;
  findings.push_back({State::Warning, "ledger", "no copy of its checkpoints leaves this machine",
                      "[audit] sinks, or now and then: prodaccess audit checkpoint > ELSEWHERE"});
}

}  // namespace

void examine(Findings& findings, const std::string& subject, const std::function<void()>& check) {
  try {
    check();
  } catch (const Error& error) {
    const bool told =
        std::any_of(findings.begin(), findings.end(),
                    [&](const ProbeFinding& finding) { return finding.detail == error.what(); });
    if (!told) findings.push_back({State::Bad, subject, error.what(), hint_of(error)});
  }
}

void examine_machine(Context& context, Findings& findings) {
  examine_caller(context, findings);
  examine_environment(findings);
  examine(findings, "tools", [&] { examine_tools(context, findings); });
  examine(findings, "state folder", [&] {
    context.files().make_folder(context.paths().state);
    findings.push_back({State::Good, "state folder", context.paths().state.string(), ""});
  });
  examine(findings, "clock", [&] { examine_clock(context, findings); });
  examine(findings, "ledger", [&] { examine_ledger(context, findings); });
}

}  // namespace prodaccess
