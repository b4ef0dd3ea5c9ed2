#include "core/ledger/walk.h"

#include <algorithm>

#include "core/base/error.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestTail = std::size_t{4} << 20;
constexpr std::string_view kSyncFailed = R"("reason":"sync failed")";

std::uint64_t pruned_number(std::string_view name) {
  constexpr std::string_view kPrefix = "pruned-";
  if (name.substr(0, kPrefix.size()) != kPrefix) return 0;
  const std::uint64_t number =
      std::strtoull(std::string(name.substr(kPrefix.size())).c_str(), nullptr, 10);
  return pruned_name(number) == name ? number : 0;
}

}  // namespace

std::string pruned_name(std::uint64_t number) {
  std::string name = segment_name(number);
  name.replace(0, name.find('-'), "pruned");
  return name.replace(name.find('.'), std::string::npos, ".hashes");
}

LedgerWalk::LedgerWalk(const AppendFolder& folder) : LedgerWalk(folder, 1) {}

LedgerWalk::LedgerWalk(const AppendFolder& folder, std::uint64_t first)
    : folder_(folder), number_(first - 1) {
  segments_ = segment_numbers(folder);
  last_ = segments_.empty() ? 0 : segments_.back();
  for (const std::string& name : folder.names()) last_ = std::max(last_, pruned_number(name));
}

// A link, a fifo or a folder in its place is no segment.
std::optional<AppendFile> LedgerWalk::open_plain(const std::string& name) {
  try {
    return folder_.open(name);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Unsafe) throw;
    missing_ = error.what();
    return std::nullopt;
  }
}

// Where the next segment began because a sync of this one failed, only what it goes on from counts.
std::optional<std::uint64_t> LedgerWalk::limit_from(std::uint64_t following) {
  const auto file = open_plain(segment_name(following));
  if (!file) return std::nullopt;
  LineReader lines(*file, 0);
  if (!lines.next()) return std::nullopt;
  const LineParse first = parse_line(lines.line());
  if (first.fault != LineFault::None || first.view.kind != record_kind_name(RecordKind::Opened) ||
      first.view.data.find(kSyncFailed) == std::string_view::npos) {
    return std::nullopt;
  }
  return first.view.sequence - 1;
}

bool LedgerWalk::open_next() {
  ++number_;
  offset_ = 0;
  good_end_ = 0;
  hole_ = false;
  lines_.reset();
  pruned_ = false;
  missing_ = "its segment is missing";
  file_ = open_plain(segment_name(number_));
  if (!file_) {
    file_ = open_plain(pruned_name(number_));
    pruned_ = file_.has_value();
  }
  if (!file_) return false;
  limit_ = limit_from(number_ + 1);
  lines_.emplace(*file_, 0);
  return true;
}

LedgerWalk::Step LedgerWalk::next() {
  while (true) {
    if (!lines_) {
      if (number_ >= last_) return Step::End;
      if (!open_next()) return Step::Missing;
    }
    if (!lines_->next()) {
      lines_.reset();
      continue;
    }
    offset_ = lines_->offset();
    if (pruned_) return next_pruned();
    if (lines_->line().empty()) {
      hole_ = true;  // space written ahead; or a write that lost sectors, if more follows
      continue;
    }
    const Step step = judge_line();
    if (step != Step::End) return step;
    ++set_aside_;
  }
}

LedgerWalk::Step LedgerWalk::next_pruned() {
  const auto hash = parse_digest(lines_->line());
  if (!hash) {
    lines_.reset();
    return Step::Bad;
  }
  pruned_hash_ = *hash;
  return Step::Pruned;
}

// End stands for: does not count.
LedgerWalk::Step LedgerWalk::judge_line() {
  parsed_ = parse_line(lines_->line());
  if (parsed_.fault == LineFault::None && !hole_) {
    good_end_ = offset_ + parsed_.view.line.size() + 1;
    return limit_ && parsed_.view.sequence > *limit_ ? Step::End : Step::Record;
  }
  if (limit_) return Step::End;
  if (parsed_.fault == LineFault::NewerFormat) return Step::Newer;
  if (number_ != last_) return Step::Bad;
  const std::string tail = file_->read(good_end_, kLongestTail);
  if (classify_tail(tail, good_end_) != TailState::Torn) return Step::Bad;
  lines_.reset();
  return Step::Torn;
}

}  // namespace prodaccess
