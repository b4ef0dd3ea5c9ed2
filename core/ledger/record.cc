#include "core/ledger/record.h"

#include <array>

namespace prodaccess {
namespace {

constexpr std::array<std::string_view, 20> kNames{
    "opened",    "intent",  "issued",   "stored",          "started",
    "ended",     "refused", "revoked",  "failed",          "closed_unknown",
    "approved",  "locked",  "unlocked", "policy_changed",  "repaired",
    "torn_tail", "pruned",  "anomaly",  "checkpoint_made", "note",
};

}  // namespace

std::string_view record_kind_name(RecordKind kind) {
  return kNames.at(static_cast<std::size_t>(kind));
}

std::optional<RecordKind> parse_record_kind(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<RecordKind>(i);
  }
  return std::nullopt;
}

}  // namespace prodaccess
