// clearance: what stands between a judgement and the start: refusals, the forced preview, the typed
// confirmation or the approvals.
#pragma once

#include <string>
#include <vector>

#include "cli/approval_gate.h"
#include "cli/credential_source.h"
#include "cli/judgement.h"
#include "core/command/command_line.h"
#include "core/ledger/record.h"
#include "core/os/program.h"

namespace prodaccess {

class Context;

// What was shown and agreed to, bound to exactly this command.
struct Clearance {
  std::string session;              // groups the records of this run
  CommandLine command;              // what runs: the words as typed, or the application of a plan
  std::vector<std::string> folded;  // variables whose words are in `command`
  std::string preview_kind;         // "native", "read", "plan", "none"; "" where none was needed
  std::string preview_summary;      // the canonical text that was shown
  std::string preview_ending;       // "would succeed (DryRunOperation)", "347 rows"
  std::vector<std::string> preview_lines;  // the tool's own output, not yet escaped
  std::string preview_hash;                // its SHA-256, hex
  std::int64_t preview_total = 0;          // of the things that it counts; 0 where unknown
  std::string confirmed_with;              // "typed", "security-key"; "" where nothing was asked
  std::vector<std::string> approved_by;
};

// Throws Error{Denied} or Error{ApprovalRequired}, after recording the refusal. Reading a plan
// makes the judgement more exact. `dry_run`: nothing is asked, since nothing will run.
Clearance clear_command(Context& context, const CommandLine& command, const Program& program,
                        Judgement& judgement, CredentialSource& source, bool dry_run,
                        const ApprovalAnswers& answers);

// Adds what was agreed to the record of an intent.
void add_clearance(LedgerRecord& record, const Clearance& clearance);

// What `exec --dry-run` prints: the decision and the preview's result.
void print_dry_run(Context& context, const CommandLine& command, const Judgement& judgement,
                   const Clearance& clearance);

}  // namespace prodaccess
