// Segments: the files of a ledger, segment-00000001.jsonl and so on.
//
// A segment that is being written is longer than its records: the rest is newlines, written ahead
// so that a flush need not touch the file's metadata and closing records find their space on a full
// disk. A finished segment is cut to its records.
//
// Errors: as AppendFile; nothing else throws.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/line.h"
#include "core/os/append_file.h"

namespace prodaccess {

constexpr std::string_view kLockName = "lock";
constexpr std::string_view kHeadName = "head";
constexpr std::string_view kNewSegmentName = "segment.new";

std::string segment_name(std::uint64_t number);
std::optional<std::uint64_t> parse_segment_name(std::string_view name);
std::vector<std::uint64_t> segment_numbers(const AppendFolder& folder);  // ascending

// Lines of a file one by one in bounded memory: at most kLongestLine and a buffer.
class LineReader {
 public:
  LineReader(const AppendFile& file, std::uint64_t offset);

  // The next line without its newline and with nothing skipped; false at the end of the file. The
  // last line may lack its newline: `terminated()` tells. A line longer than kLongestLine comes out
  // as its first part, `too_long()`, and reading cannot go on.
  bool next();
  std::string_view line() const { return line_; }
  std::uint64_t offset() const { return line_offset_; }
  bool terminated() const { return terminated_; }
  bool too_long() const { return too_long_; }

 private:
  bool fill();
  const AppendFile& file_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not handed out yet, in buffer_
  std::size_t end_ = 0;
  std::size_t searched_ = 0;   // no newline in buffer_ before this
  std::uint64_t file_offset_;  // of buffer_[0]
  bool at_end_ = false;
  std::string_view line_;
  std::uint64_t line_offset_ = 0;
  bool terminated_ = false;
  bool too_long_ = false;
};

// What stands behind the last good record of a segment: `text` from there to the end of the file.
// Clean: newlines or nothing. Torn: what a write that was cut short leaves, the beginning of a
// record, or parts of it where whole disk sectors are missing. Damaged: anything else.
enum class TailState { Clean, Torn, Damaged };
TailState classify_tail(std::string_view text, std::uint64_t offset);

}  // namespace prodaccess
