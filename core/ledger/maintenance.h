// What a human does to a ledger: repair it, and remove what need not be kept any longer.
//
// Errors: Error{Ledger} where there is nothing to repair, or the ledger is broken (prune);
// Error{Busy}, Error{System} as appends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/ledger/ledger.h"
#include "core/ledger/verify.h"

namespace prodaccess {

struct RepairResult {
  std::filesystem::path aside;  // where the broken ledger now lies, whole
  IntegrityReport before;
  std::uint64_t record = 0;  // in the new ledger: what was repaired, and why
};

// Sets a broken ledger aside as it is, evidence and all, and begins a new one whose first records
// name it, its last good record, the fault and the reason.
RepairResult repair_ledger(const LedgerOptions& options, const Clock& clock,
                           const std::string& reason);

// Signs everything recorded so far, this asking included. Throws Error{Ledger} where no key can be
// had to sign with.
Checkpoint sign_now(LedgerOptions options, const Clock& clock);

struct PruneResult {
  std::vector<std::uint64_t> segments;
  std::uint64_t first = 0;  // records that are gone
  std::uint64_t last = 0;
};

// Replaces the oldest finished segments whose records are all before `before`, and all covered by a
// checkpoint, by their records' hashes: proofs of what is left still hold. Recorded first.
PruneResult prune_ledger(const std::filesystem::path& folder, Ledger& ledger, WallTime before);

}  // namespace prodaccess
