// prodaccess audit key and checkpoint: what to keep elsewhere.
#include <nlohmann/json.hpp>

#include "cli/audit_options.h"
#include "cli/command_audit.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/ledger/maintenance.h"

namespace prodaccess {
namespace {

IntegrityReport read_whole(const LedgerChoice& choice, Context& context) {
  IntegrityReport report = verify_ledger(ledger_folder(choice, context), {});
  if (report.finding) {
    throw Error(ErrorCode::Ledger,
                "the ledger is broken at record " + std::to_string(report.finding->record),
                {"prodaccess audit verify"});
  }
  return report;
}

int print_key(const LedgerChoice& choice, Context& context) {
  const IntegrityReport report = read_whole(choice, context);
  if (report.keys.empty())
    throw Error(ErrorCode::Ledger, "the ledger names no key yet",
                {"its first record does: prodaccess request"});
  const KeyAnnouncement& key = report.keys.back();
  if (context.json()) {
    print_json({{"key", key.key}, {"scope", key.scope}, {"since", key.record}});
  } else {
    print_line(key.key);
  }
  return kDone;
}

struct CheckpointOptions {
  LedgerChoice ledger;
  bool now = false;
};

int print_checkpoint(const CheckpointOptions& options, Context& context) {
  if (options.now && !options.ledger.folder.empty()) {
    throw Error(ErrorCode::Usage, "--now signs this user's own ledger, not another",
                {"prodaccess audit checkpoint --now"});
  }
  const IntegrityReport report = read_whole(options.ledger, context);  // broken ones stop here
  const Checkpoint checkpoint = options.now ? sign_now(context.ledger_options(), context.clock())
                                            : require_checkpoint(report);
  if (context.json()) {
    print_json(
        {{"note", checkpoint.text()}, {"number", checkpoint.number}, {"size", checkpoint.size}});
  } else {
    print_raw(checkpoint.text());
  }
  return kDone;
}

}  // namespace

void add_audit_key(Command& audit) {
  auto choice = std::make_shared<LedgerChoice>();
  Command& command = audit.add("key", "print the public key that signs the ledger");
  add_ledger_option(command, choice.get());
  command.example("prodaccess audit key > ledger.pub", "keep it where the ledger is not");
  command.runs([choice](Context& context) { return print_key(*choice, context); });
}

void add_audit_checkpoint(Command& audit) {
  auto options = std::make_shared<CheckpointOptions>();
  Command& command = audit.add("checkpoint", "print the last signed checkpoint");
  command.flag("--now", &options->now, "sign one over everything up to now");
  add_ledger_option(command, &options->ledger);
  command.example("prodaccess audit checkpoint > checkpoint-37", "keep it where the ledger is not");
  command.example("prodaccess audit checkpoint --now > handover", "before records are handed over");
  command.runs([options](Context& context) { return print_checkpoint(*options, context); });
}

}  // namespace prodaccess
