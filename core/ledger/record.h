// LedgerRecord: one event, as its writer gives it. The ledger adds sequence, hashes and clocks.
// prodaccess-ledger(5) lists kinds and fields.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/policy/decision.h"

namespace prodaccess {

// intent -> issued -> stored -> started -> ended is the life of a grant or command; the others
// stand alone. The names in the file are these in snake case.
enum class RecordKind : std::uint8_t {
  Opened,         // a ledger, or a segment of it, begins
  Intent,         // what is about to happen; durable before it does
  Issued,         // a provider issued something: its handle, no secret
  Stored,         // the credential lies in a store
  Started,        // a child runs: pid, start time, what was executed
  Ended,          // and ended: status, what ended it
  Refused,        // policy, confirmation or approval said no
  Revoked,        // a grant ended before its time, with the four outcomes
  Failed,         // something failed after its intent
  ClosedUnknown,  // a later start found it unfinished
  Approved,
  Locked,
  Unlocked,
  PolicyChanged,
  Repaired,
  TornTail,
  Pruned,
  Anomaly,
  CheckpointMade,
  Note,
};

std::string_view record_kind_name(RecordKind kind);
std::optional<RecordKind> parse_record_kind(std::string_view name);

struct LedgerRecord {
  RecordKind kind = RecordKind::Note;
  std::string session;  // groups the records of one request or command; "" for none
  std::string grant;    // "" for none
  std::string role;
  // The members of the record's "data", already redacted (core/ledger/redact.h). Text may hold any
  // bytes. An intent says in text["action"] what it is about: "request", "exec", ...
  std::map<std::string, std::string, std::less<>> text;
  std::map<std::string, std::int64_t, std::less<>> numbers;
  // Structured detail (targets, decision, argv), canonical JSON without fractions; "" for none.
  // Becomes the member "detail".
  std::string detail_json;
};

// Who acts: written into every record.
struct Actor {
  std::uint32_t uid = 0;
  std::string person;  // account name, or the person that trusted configuration maps the uid to
  IdentityClass identity = IdentityClass::Human;
  std::string host;
};

}  // namespace prodaccess
