// A record as its line in the file: one canonical JSON object (core/ledger/canonical.h) with
// exactly these members, in this order:
//
//   actor {class, host, person, uid}, boot, boot_ms, data {...}, grant, hash, kind, prev, role,
//   seq, session, time, v
//
// `hash` is SHA-256(0x00 || the line without its member "hash"), in hex: an RFC 6962 leaf hash, so
// a record's own hash is its leaf in the Merkle tree. `prev` is the hash of the record before it,
// 64 zeros for the first.
//
// Pure. Nothing here throws but format_line, Error{Ledger}, for a record too long or a detail that
// is not canonical.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/sha256.h"
#include "core/base/time.h"
#include "core/ledger/record.h"

namespace prodaccess {

constexpr std::uint64_t kLedgerFormat = 1;
constexpr std::size_t kLongestLine = std::size_t{1} << 20;  // newline included

// Where and when a record stands: what the ledger adds.
struct LinePlace {
  std::uint64_t sequence = 0;
  Digest previous{};
  WallTime time{};
  BootTime boot_time{};
  std::string boot_id;
};

struct FormattedLine {
  std::string text;  // without the newline
  Digest hash{};
};

FormattedLine format_line(const LedgerRecord& record, const Actor& actor, const LinePlace& place);

// A line taken apart; the views point into it. Strings are still escaped, which for kind, session
// and hashes makes no difference.
struct LineView {
  std::string_view line;
  std::string_view actor;  // JSON
  std::string_view boot;
  std::uint64_t boot_ms = 0;
  std::string_view data;  // JSON
  std::string_view grant;
  std::string_view hash;
  std::string_view kind;
  std::string_view previous;
  std::string_view role;
  std::uint64_t sequence = 0;
  std::string_view session;
  std::string_view time;
  std::uint64_t version = 0;

  Digest content_hash() const;  // what `hash` ought to say
  bool hash_holds() const;

 private:
  friend struct LineParse;
  friend struct LineParser;
  std::size_t hash_member_ = 0;  // where `"hash":"...",` begins
};

enum class LineFault { None, Incomplete, Malformed, NewerFormat };

struct LineParse {
  LineFault fault = LineFault::Malformed;
  LineView view;
};

// `line` without its newline. Does not look at hashes.
LineParse parse_line(std::string_view line);

// The same record, moved to another place: for what a failed sync left behind.
FormattedLine move_line(const LineView& view, std::uint64_t sequence, const Digest& previous);

std::optional<Digest> parse_digest(std::string_view hex_text);

}  // namespace prodaccess
