// verify: reads a whole ledger again, hashes everything, and says what is shown and what is not.
//
// Three verdicts. Proven: all that a checkpoint covers, which was signed by a key that the caller
// trusts (or which the caller kept), is as it was. Unproven: everything fits together, but whoever
// rewrote it all would get this too. Broken: at which record, and how.
//
// Memory is bounded. Errors: Error{Ledger} where a newer format is met, Error{System} where files
// cannot be read. Threads: none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/anchor.h"
#include "core/ledger/checkpoint.h"

namespace prodaccess {

enum class IntegrityVerdict { Proven, Unproven, Broken };
std::string_view integrity_verdict_name(IntegrityVerdict verdict);

// Changed: the bytes are not what their hash says. Missing: records left out. Reordered: a record
// stands in another's place. Cut: the end is gone. Forked: another history than the one that was
// signed, anchored or followed on. Unsigned: a checkpoint without the signature it must have.
enum class IntegrityFault { Changed, Missing, Reordered, Cut, Forked, Unsigned };
std::string_view integrity_fault_name(IntegrityFault fault);

struct IntegrityFinding {
  std::uint64_t record = 0;
  IntegrityFault fault = IntegrityFault::Changed;
  std::string detail;  // one sentence
  std::string file;    // the segment, where one is meant
};

struct VerifyOptions {
  std::vector<VerifierKey> keys;   // whom the caller trusts
  std::optional<Checkpoint> kept;  // one that the caller kept
  std::vector<Anchor> anchors;     // one may name the key too
};

struct KeyAnnouncement {
  std::uint64_t record = 0;
  std::string key;    // vkey
  std::string scope;  // "durable", "boot", "process"
};

struct IntegrityReport {
  IntegrityVerdict verdict = IntegrityVerdict::Unproven;
  std::string ledger;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t segments = 0;
  std::uint64_t pruned = 0;     // records of which only the hash is left
  std::uint64_t set_aside = 0;  // after a failed sync, written again behind it
  bool torn = false;            // the end was cut short while being written
  Digest head_hash{};
  Digest root{};
  std::uint64_t proven = 0;                   // up to this record
  std::optional<Checkpoint> proof;            // by this checkpoint
  std::optional<Checkpoint> last_checkpoint;  // the last in the file, trusted or not
  std::uint64_t checkpoints = 0;
  std::uint64_t longest_unsigned = 0;  // most records in a row without a checkpoint
  std::vector<KeyAnnouncement> keys;
  bool anchor_matches = false;  // each that was given
  std::optional<IntegrityFinding> finding;
  std::vector<std::string> notes;  // for people
};

IntegrityReport verify_ledger(const std::filesystem::path& folder, const VerifyOptions& options);

// The last checkpoint of a ledger that was verified. Throws Error{Ledger} where there is none.
const Checkpoint& require_checkpoint(const IntegrityReport& report);

}  // namespace prodaccess
