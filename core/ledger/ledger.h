// The ledger: an append-only log of records, one canonical JSON object a line, each with the hash
// of the line before it.
//
// A reader of the file alone can show that nothing was changed, dropped or reordered, but not that
// the last records were not cut off; a checkpoint or anchor kept elsewhere shows that too
// (prodaccess-ledger(5), WHAT IT PROVES).
//
// Errors: Error{Ledger} with the path and the cause. After one, nothing may run.
// Threads: one Ledger, one thread. Processes: appends take a lock on the folder, never held across
// a prompt or the network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ledger/record.h"
#include "core/os/clock.h"
#include "core/os/store.h"

namespace prodaccess {

// Durable: on the disk when append returns. Written: handed to the kernel, synced by the next
// durable append or at close.
enum class Durability { Durable, Written };

class Ledger {
 public:
  virtual ~Ledger() = default;
  // The record's sequence number, from 1.
  virtual std::uint64_t append(const LedgerRecord& record, Durability durability) = 0;
};

// The ledger in `folder` (made at the first append). `clock` and `keys` must outlive it; `keys` may
// be null: then checkpoints are signed by a key made for this boot.
std::unique_ptr<Ledger> open_ledger(const std::filesystem::path& folder, const Clock& clock,
                                    const Actor& actor, DurableStore* keys);

}  // namespace prodaccess
