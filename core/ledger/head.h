// LedgerHead: where the ledger ends, and what the next append must know. It is kept beside the
// segments so that an append costs the same at any size; it is only a cache: each segment's first
// record repeats it as of that point, so scanning the last segment rebuilds it.
//
// Pure. `apply_record` throws Error{Ledger} for a record that does not follow.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ledger/line.h"
#include "core/ledger/merkle.h"

namespace prodaccess {

// A session with an intent and no closing record yet.
struct OpenSession {
  std::string session;
  std::string action;
  std::string grant;
  std::string role;
  std::string provider;
  std::string handle;  // what the provider issued, to be revoked
  std::string boot_id;
  std::int64_t pid = 0;
  std::uint64_t pid_start = 0;
  std::uint64_t intent = 0;  // its sequence number
  bool issued = false;
  bool stored = false;

  bool operator==(const OpenSession& other) const = default;
  // A credential was made whose handle alone may be left.
  bool holds_a_handle() const { return issued && !stored && !handle.empty(); }
};

struct LedgerHead {
  std::string ledger;             // its name, 32 hex digits
  std::string key;                // the vkey that signs now; "" for none
  std::uint64_t segment = 0;      // number of the last one, from 1
  std::uint64_t last_offset = 0;  // of the last record in it
  std::uint64_t end = 0;          // offset behind the last record
  std::uint64_t sequence = 0;     // of the last record
  Digest hash{};                  // of the last record
  std::uint64_t durable_sequence = 0;
  std::uint64_t durable_end = 0;
  Digest durable_hash{};
  MerkleTree tree;
  std::uint64_t checkpoint_number = 0;
  std::uint64_t checkpoint_size = 0;
  std::int64_t checkpoint_time_ms = 0;
  std::int64_t checkpoint_not_before_ms = 0;  // the last try failed: wait until then
  bool poisoned = false;  // a sync of this segment failed: nothing may be added to it
  std::vector<OpenSession> open;
};

std::string format_head(const LedgerHead& head);
std::optional<LedgerHead> parse_head(std::string_view text);

// Moves `head` over the record that stands at `offset` in its segment.
void apply_record(LedgerHead& head, const LineView& record, std::uint64_t offset);

// The detail of a segment's first record, and the head just before that record.
std::string format_segment_state(const LedgerHead& head);
std::optional<LedgerHead> parse_segment_state(const LineView& opened);

}  // namespace prodaccess
