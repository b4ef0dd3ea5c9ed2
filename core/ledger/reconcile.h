// reconcile: what a provider's own log shows that this ledger does not account for.
//
// Reads CloudTrail files ({"Records":[...]}), Vault's audit log and exports of Google's audit log
// (JSON, one entry a line or a list). An entry is ours when its identity (key id, session name,
// source identity, accessor, token metadata, account) carries a word of a handle that an `issued`
// record names, or the grant's id, at a time when that grant was in force, five minutes either
// side. Of an account that others use too, what they do meanwhile looks like ours.
//
// Errors: Error{Usage} for a log of no known form. Memory: one entry at a time, but for
// CloudTrail's files, which are one JSON value each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/time.h"

namespace prodaccess {

struct ProviderEvent {
  std::string source;  // "cloudtrail", "vault", "gcp"
  WallTime time{};
  std::string action;
  std::string identity;                  // for people
  std::vector<std::string> identifiers;  // all that may name one of our handles
};
std::optional<ProviderEvent> read_provider_event(const Json& entry);

class Reconciliation {
 public:
  // Learns the handles of all that the ledgers issued.
  explicit Reconciliation(const std::vector<std::filesystem::path>& ledgers);

  // The grant that accounts for `event`; "" for none.
  std::string grant_for(const ProviderEvent& event) const;

  struct Result {
    std::uint64_t events = 0;
    std::uint64_t accounted = 0;
    std::uint64_t unreadable = 0;
    std::uint64_t hashed = 0;  // of those without us: named by a keyed hash, which matches nothing
    std::vector<ProviderEvent> without_us;
  };
  // `text` is a log's content. Only events from..until count.
  void compare(std::string_view text, WallTime from, WallTime until, Result& result) const;

 private:
  struct Span {
    WallTime from;
    WallTime until;
    std::string grant;
  };
  void take(const Json& entry, WallTime from, WallTime until, Result& result) const;
  std::multimap<std::string, Span> spans_;  // by a word of the handle
};

}  // namespace prodaccess
