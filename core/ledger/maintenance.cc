#include "core/ledger/maintenance.h"

#include "core/base/error.h"
#include "core/ledger/walk.h"

namespace prodaccess {
namespace {

// What one finished segment holds.
struct SegmentContent {
  std::string hashes;  // the pruned form
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  WallTime newest{};
};

SegmentContent read_segment(const AppendFolder& folder, std::uint64_t number,
                            std::uint64_t last_sequence) {
  SegmentContent content;
  const auto file = folder.open(segment_name(number));
  if (!file)
    throw Error(ErrorCode::Ledger, segment_name(number) + " is missing",
                {"prodaccess audit verify"});
  LineReader lines(*file, 0);
  while (lines.next() && !lines.line().empty()) {
    const LineParse parsed = parse_line(lines.line());
    if (parsed.fault != LineFault::None) {
      throw Error(ErrorCode::Ledger, segment_name(number) + " cannot be read",
                  {"prodaccess audit verify"});
    }
    if (parsed.view.sequence > last_sequence) break;  // set aside after a failed sync
    if (content.first == 0) content.first = parsed.view.sequence;
    content.last = parsed.view.sequence;
    content.newest = std::max(content.newest, parse_rfc3339(parsed.view.time).value_or(WallTime{}));
    content.hashes += std::string(parsed.view.hash) + "\n";
  }
  return content;
}

std::uint64_t first_sequence(const AppendFolder& folder, std::uint64_t number) {
  const auto file = folder.open(segment_name(number));
  if (!file) return 0;
  LineReader lines(*file, 0);
  if (!lines.next()) return 0;
  const LineParse parsed = parse_line(lines.line());
  return parsed.fault == LineFault::None ? parsed.view.sequence : 0;
}

void write_whole(const AppendFolder& folder, const std::string& name, const std::string& content) {
  AppendFile file = folder.create("pruned.new");
  file.write(0, content);
  file.sync_data();
  folder.rename("pruned.new", name);
  folder.sync();
}

std::string time_suffix(WallTime time) {
  std::string text = format_rfc3339(std::chrono::floor<Seconds>(time));
  text.erase(std::remove(text.begin(), text.end(), ':'), text.end());
  return text;
}

LedgerRecord repaired_record(const RepairResult& result, const std::string& reason) {
  LedgerRecord record;
  record.kind = RecordKind::Repaired;
  record.text = {{"aside", result.aside.string()},
                 {"head", hex(result.before.head_hash)},
                 {"ledger", result.before.ledger},
                 {"reason", reason},
                 {"root", hex(result.before.root)}};
  record.numbers = {{"good_records", static_cast<std::int64_t>(result.before.records)},
                    {"proven", static_cast<std::int64_t>(result.before.proven)}};
  if (result.before.finding) {
    record.text["class"] = std::string(integrity_fault_name(result.before.finding->fault));
    record.text["why"] = result.before.finding->detail;
    record.numbers["broken_at"] = static_cast<std::int64_t>(result.before.finding->record);
  }
  return record;
}

}  // namespace

RepairResult repair_ledger(const LedgerOptions& options, const Clock& clock,
                           const std::string& reason) {
  const std::filesystem::path anchor = anchor_path(options.folder);
  const AppendFolder above(anchor.parent_path(), AppendFolder::Access::Write);
  const std::string name = std::filesystem::path(anchor).replace_extension().filename().string();
  RepairResult result;
  {
    const AppendFolder folder(options.folder, AppendFolder::Access::Write);
    const AppendFolder::Lock lock = folder.lock(std::string(kLockName), options.lock_patience);
    VerifyOptions trust;
    trust.anchors = read_anchors(options.folder);
    result.before = verify_ledger(options.folder, trust);
    const bool gone = !trust.anchors.empty() && result.before.records == 0;
    if (!result.before.finding && !gone) {
      throw Error(ErrorCode::Ledger, "the ledger is not broken: there is nothing to repair",
                  {"prodaccess audit verify"});
    }
    const std::string aside = name + ".broken-" + time_suffix(clock.wall_now());
    above.rename(name, aside);
    if (read_anchor_beside(options.folder)) {
      above.rename(anchor.filename().string(), aside + ".anchor");
    }
    if (options.keyring_anchor) KeyringAnchor(above, anchor.filename().string()).erase();
    above.sync();
    result.aside = above.path() / aside;
  }
  const auto ledger = open_ledger(options, clock);
  result.record = ledger->append(repaired_record(result, reason), Durability::Durable);
  return result;
}

Checkpoint sign_now(LedgerOptions options, const Clock& clock) {
  options.checkpoint_every = 1;
  const std::filesystem::path folder = options.folder;
  const auto ledger = open_ledger(std::move(options), clock);
  LedgerRecord asked;
  asked.kind = RecordKind::Note;
  asked.text = {{"event", "checkpoint"}};
  const std::uint64_t sequence = ledger->append(asked, Durability::Durable);
  const IntegrityReport report = verify_ledger(folder, {});
  if (!report.last_checkpoint || report.last_checkpoint->size < sequence) {
    throw Error(ErrorCode::Ledger, "there was no key to sign a checkpoint with",
                {"prodaccess doctor   says which stores work"});
  }
  return *report.last_checkpoint;
}

PruneResult prune_ledger(const std::filesystem::path& path, Ledger& ledger, WallTime before) {
  const IntegrityReport report = verify_ledger(path, {});
  if (report.finding) {
    throw Error(ErrorCode::Ledger,
                "the ledger is broken at record " + std::to_string(report.finding->record) +
                    ": nothing is removed from it",
                {"prodaccess audit verify"});
  }
  const std::uint64_t covered = report.last_checkpoint ? report.last_checkpoint->size : 0;
  const AppendFolder folder(path, AppendFolder::Access::Write);
  const std::vector<std::uint64_t> numbers = segment_numbers(folder);
  PruneResult result;
  std::vector<SegmentContent> contents;
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
    const std::uint64_t next_first = first_sequence(folder, numbers[i + 1]);
    SegmentContent content = read_segment(folder, numbers[i], next_first - 1);
    if (content.newest >= before || content.last > covered || next_first == 0) break;
    if (result.segments.empty()) result.first = content.first;
    result.last = content.last;
    result.segments.push_back(numbers[i]);
    contents.push_back(std::move(content));
  }
  if (result.segments.empty()) return result;
  LedgerRecord record;
  record.kind = RecordKind::Pruned;
  record.text = {{"before", format_rfc3339(before)}};
  record.numbers = {{"first", static_cast<std::int64_t>(result.first)},
                    {"last", static_cast<std::int64_t>(result.last)},
                    {"segments", static_cast<std::int64_t>(result.segments.size())}};
  ledger.append(record, Durability::Durable);
  for (std::size_t i = 0; i < result.segments.size(); ++i) {
    write_whole(folder, pruned_name(result.segments[i]), contents[i].hashes);
    folder.remove(segment_name(result.segments[i]));
  }
  folder.sync();
  return result;
}

}  // namespace prodaccess
