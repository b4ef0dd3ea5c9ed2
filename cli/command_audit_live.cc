// prodaccess audit forward, anomalies and reconcile.
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/audit_options.h"
#include "cli/audit_sinks.h"
#include "cli/command_audit.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/reconcile.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

struct ForwardOptions {
  bool follow = false;
  bool now = false;
};

Json progress_json(const SinkProgress& progress) {
  return {{"behind", progress.behind},
          {"delivered", progress.delivered},
          {"error", progress.error},
          {"name", progress.name},
          {"required", progress.required}};
}

int forward_once(const ForwardOptions& options, Context& context) {
  Json list = Json::array();
  bool late = false;
  std::vector<std::vector<std::string>> rows{{"SINK", "DELIVERED", "BEHIND", "ERROR"}};
  for (const SinkProgress& progress : forward_records(context, options.now)) {
    list.push_back(progress_json(progress));
    late |= progress.behind != 0;
    rows.push_back({progress.name, std::to_string(progress.delivered),
                    std::to_string(progress.behind),
                    progress.error.empty() ? "-" : progress.error});
  }
  if (context.json()) {
    print_json(list);
  } else if (!options.follow) {
    for (const std::string& line : format_table(rows)) print_line(line);
  }
  return late ? kFailed : kDone;
}

int forward(const ForwardOptions& options, Context& context) {
  constexpr auto kPause = std::chrono::seconds{1};
  if (!options.follow) return forward_once(options, context);
  while (true) {
    forward_once(options, context);
    std::this_thread::sleep_for(kPause);
  }
}

struct AnomalyOptions {
  LedgerChoice ledger;
  std::string from;
};

int anomalies(const AnomalyOptions& options, Context& context) {
  const AuditSettings settings = read_audit_settings(context.config().audit);
  const auto from = read_time(options.from, context.clock().wall_now(), "--from");
  AnomalyIndex index(settings.anomalies);
  Json list = Json::array();
  const auto show = [&](const AnomalyEvent& event, const std::vector<AnomalyFlag>& flags) {
    if (from && event.time < *from) return;
    for (const AnomalyFlag& flag : flags) {
      if (context.json()) {
        list.push_back({{"person", event.person},
                        {"record", event.record},
                        {"records", flag.records},
                        {"rule", flag.rule},
                        {"why", flag.why}});
      } else {
        print_line(std::to_string(event.record) + "  " + format_rfc3339(event.time) + "  " +
                   event.person + "  " + flag.rule + ": " + flag.why);
      }
    }
  };
  catch_up(index, ledger_folder(options.ledger, context), show);
  if (context.json()) print_json(list);
  return kDone;
}

struct ReconcileOptions {
  std::vector<std::string> logs;
  std::vector<std::string> ledgers;
  std::string from;
  std::string until;
};

int reconcile(const ReconcileOptions& options, Context& context) {
  constexpr std::size_t kLargestLog = std::size_t{1} << 30;
  const WallTime now = context.clock().wall_now();
  const WallTime from = read_time(options.from, now, "--from").value_or(WallTime{});
  const WallTime until = read_time(options.until, now, "--until").value_or(WallTime::max());
  std::vector<std::filesystem::path> ledgers(options.ledgers.begin(), options.ledgers.end());
  if (ledgers.empty()) ledgers.push_back(context.paths().ledger());
  const Reconciliation reconciliation(ledgers);
  Reconciliation::Result result;
  for (const std::string& log : options.logs) {
    const auto text = context.files().read_untrusted(log, kLargestLog);
    if (!text) throw Error(ErrorCode::NotFound, "no such file: " + escape_for_terminal(log));
    reconciliation.compare(*text, from, until, result);
  }
  Json list = Json::array();
  for (const ProviderEvent& event : result.without_us) {
    if (context.json()) {
      list.push_back({{"action", event.action},
                      {"identity", event.identity},
                      {"source", event.source},
                      {"time", format_rfc3339(event.time)}});
    } else {
      print_line(format_rfc3339(event.time) + "  " + event.source + "  " + event.identity + "  " +
                 event.action);
    }
  }
  if (context.json()) {
    print_json({{"accounted", result.accounted},
                {"events", result.events},
                {"hashed", result.hashed},
                {"unreadable", result.unreadable},
                {"without_us", list}});
  } else {
    print_line(std::to_string(result.events) + " events, " + std::to_string(result.accounted) +
               " under grants of this ledger, " + std::to_string(result.without_us.size()) +
               " without us, " + std::to_string(result.unreadable) + " lines not readable");
    if (result.hashed != 0) {
      warn(std::to_string(result.hashed) +
           " of those without us name a token by a keyed hash, which matches nothing: enable the "
           "audit device with hmac_accessor=false");
    }
  }
  return result.without_us.empty() ? kDone : kRefused;
}

}  // namespace

void add_audit_forward(Command& audit) {
  auto options = std::make_shared<ForwardOptions>();
  Command& command = audit.add("forward", "send new records to the sinks of [audit]");
  command.flag("--follow", &options->follow, "go on until interrupted");
  command.flag("--now", &options->now, "try also where an earlier failure asks for patience");
  command.example("prodaccess audit forward");
  command.exit_status("1", "a sink is behind");
  command.runs([options](Context& context) { return forward(*options, context); });
}

void add_audit_anomalies(Command& audit) {
  auto options = std::make_shared<AnomalyOptions>();
  Command& command = audit.add("anomalies", "show what was unusual, and why");
  command.option("--from", &options->from, "TIME", "only from this time on");
  add_ledger_option(command, &options->ledger);
  command.example("prodaccess audit anomalies --from 7d");
  command.runs([options](Context& context) { return anomalies(*options, context); });
}

void add_audit_reconcile(Command& audit) {
  auto options = std::make_shared<ReconcileOptions>();
  Command& command = audit.add("reconcile", "list what a provider's log shows without us");
  command
      .positional("LOG", &options->logs,
                  "CloudTrail files (unzipped), Vault's audit log or exports of Google's")
      .required()
      .completes("files");
  command.option("--ledger", &options->ledgers, "FOLDER", "a ledger (more than once)")
      .completes("folders");
  command.option("--from", &options->from, "TIME", "only from this time on");
  command.option("--until", &options->until, "TIME", "only before this time");
  command.example("prodaccess audit reconcile cloudtrail/*.json --from 7d");
  command.exit_status("0", "every event is under a grant");
  command.exit_status("3", "some are not");
  command.runs([options](Context& context) { return reconcile(*options, context); });
}

}  // namespace prodaccess
