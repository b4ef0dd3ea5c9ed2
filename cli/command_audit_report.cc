// prodaccess audit report: evidence for an auditor.
#include <nlohmann/json.hpp>

#include "cli/audit_options.h"
#include "cli/command_audit.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/ledger/report.h"

namespace prodaccess {
namespace {

struct ReportCommandOptions {
  std::string framework;
  std::string from;
  std::string until;
  std::string format = "html";
  std::vector<std::string> ledgers;
  std::vector<std::string> keys;
  std::optional<std::int64_t> sample;
  std::optional<std::int64_t> seed;
};

ReportOptions read_options(const ReportCommandOptions& given, Context& context) {
  ReportOptions options;
  options.framework = given.framework;
  options.made = context.clock().wall_now();
  options.from = read_time(given.from, options.made, "--from").value_or(WallTime{});
  options.until = read_time(given.until, options.made, "--to").value_or(options.made);
  // A day's name means the whole of it.
  if (given.until.size() == 10) options.until += std::chrono::hours{24};
  if (options.until <= options.from)
    throw Error(ErrorCode::Usage, "--to lies before --from",
                {"prodaccess audit report --framework soc2 --from 2026-01-01 --to 2026-03-31"});
  for (const std::string& folder : given.ledgers) options.ledgers.emplace_back(folder);
  if (options.ledgers.empty()) options.ledgers.push_back(context.paths().ledger());
  options.keys = read_keys(given.keys, context);
  options.sample_size =
      static_cast<std::uint64_t>(std::max<std::int64_t>(given.sample.value_or(25), 0));
  options.seed = static_cast<std::uint64_t>(std::max<std::int64_t>(given.seed.value_or(1), 0));
  return options;
}

int run(const ReportCommandOptions& given, Context& context) {
  const AuditReport report = collect_report(read_options(given, context));
  if (context.json() || given.format == "json") {
    print_json(report_json(report));
  } else if (given.format == "md") {
    print_raw(report_markdown(report));
  } else {
    print_raw(report_html(report));
  }
  return kDone;
}

}  // namespace

void add_audit_report(Command& audit) {
  auto options = std::make_shared<ReportCommandOptions>();
  Command& command = audit.add("report", "evidence for an auditor, with the gaps found");
  command.option("--framework", &options->framework, "NAME", "what it is evidence for")
      .one_of(framework_names())
      .required();
  command.option("--from", &options->from, "TIME", "from this time on: 2026-01-01, or 90d");
  command.option("--to", &options->until, "TIME", "up to this time, or the end of this day");
  command.option("--format", &options->format, "FORMAT", "html by default")
      .one_of({"html", "md", "json"});
  command
      .option("--ledger", &options->ledgers, "FOLDER",
              "a ledger (more than once); this user's by default")
      .completes("folders");
  command.option("--key", &options->keys, "FILE", "a public key to trust, or a file with it")
      .completes("files");
  command.option("--sample", &options->sample, "N", "how many commands to sample (25)");
  command.option("--seed", &options->seed, "N", "of the sample (1)");
  command.example(
      "prodaccess audit report --framework soc2 --from 2026-01-01 --to 2026-03-31 > q1.html");
  command.example(
      "prodaccess audit report --framework pci --ledger bastion-1 --ledger bastion-2 --key "
      "ledger.pub");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
