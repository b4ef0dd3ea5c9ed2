// What several `audit` commands share: which ledger, which records, whom to trust.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "core/ledger/query.h"
#include "core/ledger/verify.h"

namespace prodaccess {

class Context;

struct LedgerChoice {
  std::string folder;
};
void add_ledger_option(Command& command, LedgerChoice* choice);
std::filesystem::path ledger_folder(const LedgerChoice& choice, Context& context);

struct FilterOptions {
  RecordFilter filter;
  std::string from;
  std::string until;
};
void add_filter_options(Command& command, FilterOptions* options);
// `from` and `until` are dates, instants or ages ("7d"). Throws Error{Usage}.
RecordFilter read_filter(const FilterOptions& options, Context& context);
std::optional<WallTime> read_time(const std::string& text, WallTime now, const char* option);

// Keys as files or vkeys; Throws Error{Usage} for what is neither.
std::vector<VerifierKey> read_keys(const std::vector<std::string>& keys, Context& context);

}  // namespace prodaccess
