// Reading records: one as people and programs use it, and filters over a ledger.
//
// Errors: Error{Ledger} where the ledger cannot be read on; the records before it were handed out.
// Memory is bounded: one record at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/time.h"
#include "core/ledger/line.h"

namespace prodaccess {

// A record taken out of its line. Text is in bytes as it was given, but in `data`, where it is as
// JSON has it.
struct RecordEntry {
  std::uint64_t sequence = 0;
  RecordKind kind = RecordKind::Note;
  std::string kind_name;
  std::string time_text;
  WallTime time{};
  std::string person;
  std::string host;
  std::string identity;
  std::uint32_t uid = 0;
  std::string session;
  std::string grant;
  std::string role;
  std::string boot;  // the boot's id
  BootTime boot_time{};
  std::string hash;
  std::string line;  // the whole, without newline

  const Json& data() const { return *data_; }
  // Members of data, or of data.detail; "" where there is none. Lists come out joined by blanks.
  std::string text(const std::string& key) const;
  std::optional<std::int64_t> number(const std::string& key) const;
  std::string command() const;               // the recorded command line, for people
  std::vector<std::string> targets() const;  // the names in detail.targets, or its strings
  std::string summary() const;               // one phrase: what this record says

  std::shared_ptr<const Json> data_;
};

RecordEntry read_entry(const LineView& view);

// All that is given must hold. Text: globs, without regard to case.
struct RecordFilter {
  std::vector<std::string> kinds;
  std::string person;
  std::string role;
  std::string grant;    // a prefix
  std::string session;  // a prefix
  std::string effect;
  std::string verdict;
  std::string target;
  std::string host;
  std::string words;  // anywhere in the record, no glob
  std::optional<WallTime> from;
  std::optional<WallTime> until;
  std::uint64_t first = 0;  // sequence numbers; 0 for no limit
  std::uint64_t last = 0;

  bool matches(const RecordEntry& entry) const;
};

// Calls `visit` for each record that matches, in order, until it returns false.
void for_each_record(const std::filesystem::path& folder, const RecordFilter& filter,
                     const std::function<bool(const RecordEntry&)>& visit);

// Up to where a follower has read.
struct LedgerPosition {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint64_t sequence = 0;
};

// Reads a ledger to its end, and later what came since; from the beginning, or from a position.
class LedgerFollower {
 public:
  explicit LedgerFollower(std::filesystem::path folder, LedgerPosition position = {})
      : folder_(std::move(folder)), position_(position) {}
  // Until `visit` returns false; that record counts as read.
  void read_new(const std::function<bool(const RecordEntry&)>& visit);
  const LedgerPosition& position() const { return position_; }

 private:
  std::filesystem::path folder_;
  LedgerPosition position_;
};

struct LedgerStats {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::string first_time;
  std::string last_time;
  std::map<std::string, std::uint64_t> by_kind;
  std::map<std::string, std::uint64_t> by_person;
  std::map<std::string, std::uint64_t> by_role;
  std::map<std::string, std::uint64_t> by_effect;
  std::map<std::string, std::uint64_t> by_verdict;
};
LedgerStats ledger_stats(const std::filesystem::path& folder, const RecordFilter& filter);

}  // namespace prodaccess
