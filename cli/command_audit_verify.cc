// prodaccess audit verify: reads everything again and says what is shown, and by whom.
#include <nlohmann/json.hpp>

#include "cli/audit_options.h"
#include "cli/command_audit.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/proof.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

struct VerifyCommandOptions {
  LedgerChoice ledger;
  std::vector<std::string> keys;
  std::string checkpoint;
  std::string proof;
  std::string check_proof;
};

std::string read_named(const std::string& path, Context& context) {
  const auto content = context.files().read_untrusted(path);
  if (!content) throw Error(ErrorCode::NotFound, "no such file: " + escape_for_terminal(path));
  return *content;
}

VerifyOptions whom_to_trust(const VerifyCommandOptions& options, Context& context) {
  VerifyOptions trust;
  trust.keys = read_keys(options.keys, context);
  trust.anchors = read_anchors(ledger_folder(options.ledger, context));
  if (!options.checkpoint.empty()) {
    trust.kept = parse_checkpoint(read_named(options.checkpoint, context));
    if (!trust.kept) {
      throw Error(ErrorCode::Usage, escape_for_terminal(options.checkpoint) + " is no checkpoint",
                  {"prodaccess audit checkpoint > FILE   makes one"});
    }
  }
  return trust;
}

Json report_json(const IntegrityReport& report) {
  Json json = {{"anchor_matches", report.anchor_matches},
               {"bytes", report.bytes},
               {"checkpoints", report.checkpoints},
               {"head", hex(report.head_hash)},
               {"ledger", report.ledger},
               {"longest_unsigned", report.longest_unsigned},
               {"notes", report.notes},
               {"proven", report.proven},
               {"pruned", report.pruned},
               {"records", report.records},
               {"root", hex(report.root)},
               {"segments", report.segments},
               {"set_aside", report.set_aside},
               {"torn", report.torn},
               {"verdict", integrity_verdict_name(report.verdict)}};
  if (report.proof) {
    json["checkpoint"] = {{"number", report.proof->number},
                          {"size", report.proof->size},
                          {"time", format_rfc3339(report.proof->time)}};
  }
  if (report.finding) {
    json["finding"] = {{"class", integrity_fault_name(report.finding->fault)},
                       {"detail", report.finding->detail},
                       {"file", report.finding->file},
                       {"record", report.finding->record}};
  }
  return json;
}

std::string span(std::uint64_t first, std::uint64_t last) {
  return first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
}

void print_what_to_do(bool own) {
  print_line("keep the folder as it is: it is evidence");
  print_line("compare it with a backup, or a checkpoint that left the machine: --checkpoint FILE");
  if (!own) return;
  print_line("to go on: prodaccess audit repair --reason \"...\"   sets it aside and begins anew");
}

void print_report(const IntegrityReport& report) {
  if (report.finding) {
    print_line("broken at record " + std::to_string(report.finding->record) + ": " +
               std::string(integrity_fault_name(report.finding->fault)) + ": " +
               report.finding->detail + " (" + report.finding->file + ")");
    if (report.proven != 0) {
      print_line("before that: proven up to record " + std::to_string(report.proven) +
                 " by checkpoint " + std::to_string(report.proof->number));
    }
  } else if (report.proven != 0) {
    std::string line = "proven up to record " + std::to_string(report.proven) + " by checkpoint " +
                       std::to_string(report.proof->number) + " (" +
                       format_rfc3339(report.proof->time) + ")";
    if (report.records > report.proven) {
      line += "; consistent, not yet proven: " + span(report.proven + 1, report.records);
    }
    print_line(line);
  } else {
    print_line("consistent but unproven: " + std::to_string(report.records) + " records");
  }
  if (report.anchor_matches) print_line("the anchor outside the ledger agrees");
  if (report.pruned != 0) {
    print_line(std::to_string(report.pruned) + " records were pruned: only their hashes are left");
  }
  for (const std::string& note : report.notes) print_line("note: " + note);
}

int make_proof(const VerifyCommandOptions& options, Context& context) {
  const std::filesystem::path folder = ledger_folder(options.ledger, context);
  const bool consistency = options.proof.compare(0, 5, "size:") == 0;
  const std::string digits = consistency ? options.proof.substr(5) : options.proof;
  if (digits.empty() || digits.size() > 18 ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    throw Error(ErrorCode::Usage, "--proof takes a record's number, or size:N",
                {"prodaccess audit verify --proof 1184 > proof.json"});
  }
  const std::uint64_t number = std::stoull(digits);
  const Json proof =
      consistency ? make_consistency_proof(folder, number) : make_inclusion_proof(folder, number);
  const std::string text = canonical_json(proof);
  if (!check_proof(text, {}).holds) {
    throw Error(ErrorCode::Internal, "the proof that was made does not hold");
  }
  print_raw(text + "\n");
  return kDone;
}

int check_given_proof(const VerifyCommandOptions& options, Context& context) {
  const ProofVerdict verdict =
      check_proof(trim(read_named(options.check_proof, context)), read_keys(options.keys, context));
  const std::string whose =
      verdict.trusted ? "signed by a key you gave" : "not signed by a key you gave (--key)";
  if (context.json()) {
    print_json({{"holds", verdict.holds}, {"says", verdict.says}, {"trusted", verdict.trusted}});
  } else {
    print_line(verdict.says);
    print_line("the checkpoint is " + whose);
  }
  return verdict.holds && (verdict.trusted || options.keys.empty()) ? kDone : kFailed;
}

int verify(const VerifyCommandOptions& options, Context& context) {
  if (!options.check_proof.empty()) return check_given_proof(options, context);
  if (!options.proof.empty()) return make_proof(options, context);
  const IntegrityReport report =
      verify_ledger(ledger_folder(options.ledger, context), whom_to_trust(options, context));
  if (context.json()) {
    print_json(report_json(report));
  } else {
    print_report(report);
    if (report.finding) print_what_to_do(options.ledger.folder.empty());
  }
  return report.finding ? kFailed : kDone;
}

}  // namespace

void add_audit_verify(Command& audit) {
  auto options = std::make_shared<VerifyCommandOptions>();
  Command& command = audit.add("verify", "read the whole ledger again and say what is proven");
  command.describe(
      "Says one of three things: proven up to a record, by a checkpoint signed with a key that "
      "you\n"
      "trust; consistent but unproven; or broken, at which record and how (changed, missing,\n"
      "reordered, cut, forked, unsigned). On the machine that wrote it the key is known from the\n"
      "anchor beside the ledger; for a copy give it with --key. It needs no configuration.");
  add_ledger_option(command, &options->ledger);
  command.option("--key", &options->keys, "FILE", "a public key to trust, or a file with it")
      .completes("files");
  command.option("--checkpoint", &options->checkpoint, "FILE", "a checkpoint that you kept")
      .completes("files");
  command.option("--proof", &options->proof, "RECORD",
                 "make a proof that this record is in the ledger; size:N: that its first N records "
                 "are its beginning");
  command.option("--check-proof", &options->check_proof, "FILE", "check such a proof")
      .completes("files");
  command.example("prodaccess audit verify");
  command.example("prodaccess audit verify --ledger ./copy --key ledger.pub",
                  "somewhere else, with the public key alone");
  command.example("prodaccess audit verify --proof 1184 > proof.json");
  command.exit_status("0", "proven, or consistent");
  command.exit_status("1", "broken, or a proof that does not hold");
  command.runs([options](Context& context) { return verify(*options, context); });
}

}  // namespace prodaccess
