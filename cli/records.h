// Ledger records as the commands write them: redacted, and with the same fields everywhere.
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "cli/judgement.h"
#include "core/base/record_detail.h"
#include "core/command/command_line.h"
#include "core/grant/grant.h"
#include "core/ledger/record.h"

namespace prodaccess {

class Context;

// A new name for the records of one request or command: 16 hex digits.
std::string new_session_id(Context& context);

// A record about `grant` in `session`.
LedgerRecord grant_record(RecordKind kind, const Grant& grant, const std::string& session);

// Ends `session` in the ledger: what it was to do failed at `stage`.
void record_failure(Context& context, const Grant& grant, const std::string& session,
                    const std::string& stage, const std::exception& error);

// What was typed and what was decided of it: argv redacted as the role says, effect, verdict, rule,
// targets, reasons.
void add_command(Context& context, LedgerRecord& record, const CommandLine& command,
                 const Judgement& judgement, RecordDetail detail);

// The names of all that the command and its parts act on, as the record gives them.
std::vector<std::string> target_names(const Invocation& invocation);

// Its words without what its packs, or their looks, say is secret.
std::vector<std::string> redacted_words(Context& context, const CommandLine& command,
                                        const Invocation& invocation, RecordDetail detail);

// The command in one line for `status`, without what may be secret.
std::string command_summary(Context& context, const CommandLine& command, RecordDetail detail);

}  // namespace prodaccess
