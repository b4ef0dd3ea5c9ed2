// prodaccess audit export: records for other tools.
#include <nlohmann/json.hpp>

#include "cli/audit_options.h"
#include "cli/command_audit.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/ledger/export.h"

namespace prodaccess {
namespace {

struct ExportOptions {
  LedgerChoice ledger;
  FilterOptions filter;
  std::string format = "jsonl";
  bool pseudonyms = false;
};

int run(const ExportOptions& options, Context& context) {
  std::optional<Redactor> redactor;
  if (options.pseudonyms) redactor.emplace(load_redaction_key(context.paths().state));
  const Exporter exporter(redactor ? &*redactor : nullptr);
  if (options.format == "csv") print_raw(Exporter::csv_heading() + "\r\n");
  for_each_record(ledger_folder(options.ledger, context), read_filter(options.filter, context),
                  [&](const RecordEntry& entry) {
                    if (options.format == "csv") {
                      print_raw(exporter.csv(entry) + "\r\n");
                    } else if (options.format == "ocsf") {
                      print_raw(canonical_json(exporter.ocsf(entry)) + "\n");
                    } else {
                      print_raw(exporter.jsonl(entry) + "\n");
                    }
                    return true;
                  });
  return kDone;
}

}  // namespace

void add_audit_export(Command& audit) {
  auto options = std::make_shared<ExportOptions>();
  Command& command = audit.add("export", "print records for other tools");
  command
      .option("--format", &options->format, "FORMAT", "jsonl, the ledger's own lines, by default")
      .one_of({"jsonl", "csv", "ocsf"});
  command.flag("--pseudonyms", &options->pseudonyms,
               "a keyed hash in the place of people's and hosts' names");
  add_filter_options(command, &options->filter);
  add_ledger_option(command, &options->ledger);
  command.example("prodaccess audit export --format ocsf --from 1d");
  command.example("prodaccess audit export --format csv --pseudonyms > q1.csv");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
