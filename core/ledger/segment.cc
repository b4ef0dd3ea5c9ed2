#include "core/ledger/segment.h"

#include <charconv>
#include <cstring>

namespace prodaccess {
namespace {

constexpr std::string_view kPrefix = "segment-";
constexpr std::string_view kSuffix = ".jsonl";
constexpr std::size_t kDigits = 8;
constexpr std::size_t kBuffer = std::size_t{1} << 18;
constexpr std::uint64_t kSector = 512;

}  // namespace

std::string segment_name(std::uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return std::string(kPrefix) + digits + std::string(kSuffix);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (name.size() < kPrefix.size() + kDigits + kSuffix.size()) return std::nullopt;
  std::uint64_t number = 0;
  const char* begin = name.data() + kPrefix.size();
  const char* end = name.data() + name.size() - kSuffix.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || stop != end || segment_name(number) != name) return std::nullopt;
  return number;
}

std::vector<std::uint64_t> segment_numbers(const AppendFolder& folder) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : folder.names()) {
    if (const auto number = parse_segment_name(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

LineReader::LineReader(const AppendFile& file, std::uint64_t offset)
    : file_(file), buffer_(kBuffer, '\0'), file_offset_(offset) {}

// Makes room and reads more behind what is there; false where there is no more.
bool LineReader::fill() {
  if (at_end_) return false;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  file_offset_ += begin_;
  searched_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_.size()) buffer_.resize(std::min(buffer_.size() * 2, kLongestLine + kBuffer));
  const std::size_t got =
      file_.read_into(file_offset_ + end_, buffer_.data() + end_, buffer_.size() - end_);
  at_end_ = got == 0;
  end_ += got;
  return got != 0;
}

bool LineReader::next() {
  if (too_long_) return false;
  while (true) {
    const void* found = std::memchr(buffer_.data() + searched_, '\n', end_ - searched_);
    if (found != nullptr) {
      const std::size_t newline =
          static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
      line_ = {buffer_.data() + begin_, newline - begin_};
      line_offset_ = file_offset_ + begin_;
      terminated_ = true;
      too_long_ = line_.size() >= kLongestLine;
      begin_ = searched_ = newline + 1;
      return true;
    }
    searched_ = end_;
    too_long_ = end_ - begin_ >= kLongestLine;
    if (!too_long_ && fill()) continue;
    if (begin_ == end_) return false;
    line_ = {buffer_.data() + begin_, end_ - begin_};
    line_offset_ = file_offset_ + begin_;
    terminated_ = false;
    begin_ = searched_ = end_;
    return true;
  }
}

TailState classify_tail(std::string_view text, std::uint64_t offset) {
  const std::size_t last = text.find_last_not_of('\n');
  if (last == std::string_view::npos) return TailState::Clean;
  const std::string_view data = text.substr(0, last + 1);
  // Holes are runs of newlines: a write that lost sectors leaves them at sector boundaries. Behind
  // a hole the next record may begin, after its predecessor's own newline.
  const std::size_t first = data.find_first_not_of('\n');
  if (first != 0 && (offset + first) % kSector != 0) return TailState::Damaged;
  bool hole = first != 0;
  for (std::size_t at = data.find('\n', first); at != std::string_view::npos;) {
    const std::size_t resume = data.find_first_not_of('\n', at);
    const bool whole_sectors = (offset + at) % kSector == 0 && (offset + resume) % kSector == 0;
    const bool next_record = hole && resume - at == 1 && data[resume] == '{';
    if (!whole_sectors && !next_record) return TailState::Damaged;
    hole |= whole_sectors;
    at = data.find('\n', resume);
  }
  if (first != 0) return TailState::Torn;
  const std::string_view beginning = data.substr(0, data.find('\n'));
  const bool cut_short = parse_line(beginning).fault == LineFault::Incomplete;
  return cut_short ? TailState::Torn : TailState::Damaged;
}

}  // namespace prodaccess
