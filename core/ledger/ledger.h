// The ledger: an append-only log of records, one canonical JSON object a line, each with the hash
// of the line before it; the same lines are the leaves of a Merkle tree with signed heads.
//
// A reader of the files alone can show that nothing was changed, dropped or reordered, but not that
// the last records were not cut off; a checkpoint or anchor kept elsewhere shows that too
// (prodaccess-ledger(5), WHAT IT PROVES).
//
// Errors: Error{Ledger} with the path and the cause; Error{Busy} where another process holds the
// lock too long. After one, nothing may run. Threads: one Ledger, one thread. Processes: appends
// take a lock on the folder, never held across a prompt or the network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ledger/head.h"
#include "core/ledger/record.h"
#include "core/ledger/signer.h"
#include "core/os/clock.h"
#include "core/os/store.h"

namespace prodaccess {

// Durable: on the disk when append returns. Written: handed to the kernel, synced by the next
// durable append, by `sync` or when the ledger is closed. Lazy: the same without the last; where
// the power fails within the kernel's half minute, the session is one that crashed, no more.
enum class Durability { Durable, Written, Lazy };

class Ledger {
 public:
  virtual ~Ledger() = default;
  // The record's sequence number, from 1. An intent carries text["action"] and a session; its first
  // in a process also looks for what crashed before (`crashed`).
  virtual std::uint64_t append(const LedgerRecord& record, Durability durability) = 0;
  // What was written is on the disk when this returns. The destructor tries it too.
  virtual void sync() = 0;
  // Sessions whose process died before it closed them, as the first intent found them and recorded
  // as closed_unknown. One that holds a handle stays open until the caller has revoked that and
  // says `settled`: who dies before leaves it to the next. Those that another process settled are
  // not among them.
  virtual const std::vector<OpenSession>& crashed() = 0;
  virtual void settled(const OpenSession& session) = 0;
};

struct LedgerOptions {
  std::filesystem::path folder;  // made at the first append
  Actor actor;
  SignerSource signer = process_signer;
  std::uint64_t segment_size = std::uint64_t{16} << 20;  // bytes; a new one begins with an intent
  std::uint64_t checkpoint_every = 512;                  // records
  Seconds checkpoint_after{3600};
  Milliseconds lock_patience{10'000};
  bool keyring_anchor = false;  // besides the file: core/ledger/anchor.h
};

// `clock` must outlive the ledger.
std::unique_ptr<Ledger> open_ledger(LedgerOptions options, const Clock& clock);

// The same with `keys` as the place of the signing key; null: a key of this process.
std::unique_ptr<Ledger> open_ledger(const std::filesystem::path& folder, const Clock& clock,
                                    const Actor& actor, DurableStore* keys);

}  // namespace prodaccess
