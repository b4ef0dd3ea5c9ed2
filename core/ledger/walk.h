// LedgerWalk: the lines of a ledger's folder, in order, over all its segments, in bounded memory.
//
// It knows what segments are (space written ahead, a torn end, records set aside after a failed
// sync, segments of which only the hashes were kept) but judges no hash or sequence number. The
// folder may be a copy that belongs to anybody.
//
// Errors: as AppendFile. Threads: one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/line.h"
#include "core/ledger/segment.h"

namespace prodaccess {

class LedgerWalk {
 public:
  enum class Step {
    Record,   // record() is one
    Pruned,   // the record is gone, pruned_hash() is its hash
    Missing,  // segment() is not there, or something else stands in its place: missing()
    Bad,      // what stands at segment(), offset() is no record
    Newer,    // a newer program wrote it
    Torn,     // the end of the last segment was cut short while being written
    End,
  };

  explicit LedgerWalk(const AppendFolder& folder);
  // From segment `first` on.
  LedgerWalk(const AppendFolder& folder, std::uint64_t first);

  // After Missing, Bad or Newer the walk goes on with the next segment, or line.
  Step next();
  const LineView& record() const { return parsed_.view; }
  std::string_view line() const { return parsed_.view.line; }
  const Digest& pruned_hash() const { return pruned_hash_; }
  std::uint64_t segment() const { return number_; }
  std::uint64_t offset() const { return offset_; }
  const std::string& missing() const { return missing_; }  // after Missing: why
  std::uint64_t segments() const { return segments_.size(); }
  std::uint64_t set_aside() const { return set_aside_; }  // records skipped so far

 private:
  bool open_next();
  std::optional<AppendFile> open_plain(const std::string& name);
  Step next_pruned();
  Step judge_line();
  std::optional<std::uint64_t> limit_from(std::uint64_t following);

  const AppendFolder& folder_;
  std::vector<std::uint64_t> segments_;
  std::uint64_t number_ = 0;
  std::uint64_t last_ = 0;
  std::optional<AppendFile> file_;
  std::optional<LineReader> lines_;
  bool pruned_ = false;
  std::optional<std::uint64_t> limit_;  // later sequence numbers in this segment do not count
  LineParse parsed_;
  Digest pruned_hash_{};
  std::uint64_t offset_ = 0;
  std::uint64_t good_end_ = 0;  // behind the last record of this segment
  bool hole_ = false;           // newlines stand behind it
  std::uint64_t set_aside_ = 0;
  std::string missing_;
};

// What prune leaves of a segment: its records' hashes, one in hex a line.
std::string pruned_name(std::uint64_t number);

}  // namespace prodaccess
