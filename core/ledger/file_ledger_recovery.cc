// What a crash, a failed sync or another process left behind.
#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/file_ledger.h"

namespace prodaccess {
namespace {

constexpr std::size_t kUsualHead = 4096;  // with some open sessions; more is read where need be

constexpr std::size_t kHeadLimit = std::size_t{1} << 20;
constexpr std::size_t kLongestTail = std::size_t{4} << 20;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::Ledger, what,
              {"prodaccess audit verify", "prodaccess audit repair --reason \"...\""});
}

[[noreturn]] void refuse_newer(const AppendFolder& folder) {
  throw Error(ErrorCode::Ledger,
              "the ledger in " + folder.path().string() + " was written by a newer prodaccess",
              {"upgrade prodaccess"});
}

void check_anchor(const LedgerHead& head, const Anchor& anchor, const std::string& where) {
  if (head.sequence == 0 || anchor.ledger != head.ledger) {
    refuse("the ledger of " + std::to_string(anchor.sequence) + " records that " + where +
           " names is gone");
  }
  if (anchor.sequence > head.sequence) {
    refuse("the ledger ends at record " + std::to_string(head.sequence) + ", but " +
           std::to_string(anchor.sequence) + " were on the disk, says " + where +
           ": its end was cut off");
  }
  if (anchor.sequence == head.sequence && anchor.hash != head.hash) {
    refuse("record " + std::to_string(head.sequence) + " is not the one that " + where + " names");
  }
}

bool is_open(const LedgerHead& head, const OpenSession& session) {
  return std::any_of(head.open.begin(), head.open.end(),
                     [&](const OpenSession& open) { return open.session == session.session; });
}

}  // namespace

LedgerHead FileLedger::load_head() {
  auto head = cached_head();
  if (!head) {
    const std::vector<std::uint64_t> numbers = segment_numbers(folder());
    if (numbers.empty()) {
      check_anchors(LedgerHead());
      return create();
    }
    head = scan_segment(numbers.back(), ~std::uint64_t{0});
  }
  if (head->poisoned) return replace_poisoned(*head);
  scan_forward(*head, ~std::uint64_t{0});
  if (!anchor_checked_) check_anchors(*head);
  return *head;
}

// The cache, where the record that it calls the last stands in the file, and that file is the last
// one: a power cut may leave an old cache beside new segments.
std::optional<LedgerHead> FileLedger::cached_head() {
  if (!head_file_) head_file_ = folder().open(std::string(kHeadName));
  if (!head_file_) return std::nullopt;
  std::string text = head_file_->read(0, kUsualHead);
  if (text.find("\n\n") == std::string::npos) text = head_file_->read(0, kHeadLimit);
  const bool ours = saved_ && text.starts_with(saved_->text);
  auto head = ours ? std::optional(saved_->head) : parse_head(text);
  if (!head) return std::nullopt;
  if (!segment_ || segment_number_ != head->segment) {
    segment_ = folder().open(segment_name(head->segment));
    segment_number_ = head->segment;
  }
  if (!segment_ || head->end <= head->last_offset) return std::nullopt;
  const std::string line =
      segment_->read(head->last_offset, static_cast<std::size_t>(head->end - head->last_offset));
  if (line.size() != head->end - head->last_offset || line.back() != '\n') return std::nullopt;
  const LineParse parsed = parse_line(std::string_view(line).substr(0, line.size() - 1));
  if (parsed.fault != LineFault::None || parsed.view.content_hash() != head->hash) {
    return std::nullopt;
  }
  if (!head->poisoned && folder().open(segment_name(head->segment + 1))) return std::nullopt;
  return head;
}

// The head as of the record `up_to_sequence`, or of the segment's last one, from the files alone.
LedgerHead FileLedger::scan_segment(std::uint64_t number, std::uint64_t up_to_sequence) {
  LineReader lines(segment(number), 0);
  if (!lines.next()) refuse(segment_name(number) + " is empty");
  const LineParse first = parse_line(lines.line());
  if (first.fault == LineFault::NewerFormat) {
    refuse_newer(folder());
  }
  auto head = first.fault == LineFault::None ? parse_segment_state(first.view) : std::nullopt;
  if (!head) refuse(segment_name(number) + " does not begin as a segment does");
  apply_record(*head, first.view, 0);
  scan_forward(*head, up_to_sequence);
  return *head;
}

void FileLedger::scan_forward(LedgerHead& head, std::uint64_t up_to_sequence) {
  AppendFile& file = segment(head.segment);
  const std::string next = file.read(head.end, 2);
  if (next.find_first_not_of('\n') == std::string::npos) return;
  LineReader lines(file, head.end);
  while (head.sequence < up_to_sequence && lines.next()) {
    const LineParse parsed = parse_line(lines.line());
    if (parsed.fault == LineFault::NewerFormat) {
      refuse_newer(folder());
    }
    if (parsed.fault != LineFault::None) break;
    if (!lines.terminated()) file.write(lines.offset() + lines.line().size(), "\n");
    apply_record(head, parsed.view, lines.offset());
  }
  if (head.sequence == up_to_sequence) return;
  unsynced_ = true;
  const std::string tail = file.read(head.end, kLongestTail);
  switch (classify_tail(tail, head.end)) {
    case TailState::Clean: return;
    case TailState::Torn: return set_torn_aside(head, tail);
    case TailState::Damaged: break;
  }
  refuse("the ledger is broken behind record " + std::to_string(head.sequence) +
         ": what follows is no record, nor one cut short");
}

// Keeps the bytes in a file of their own, then writes the record that says so over them.
void FileLedger::set_torn_aside(LedgerHead& head, std::string_view tail) {
  check_anchors(head);
  const std::string_view bytes = tail.substr(0, tail.find_last_not_of('\n') + 1);
  const std::string name = "torn-" + std::to_string(head.sequence + 1);
  AppendFile kept = folder().create(name);
  kept.write(0, bytes);
  kept.sync_data();
  folder().sync();
  LedgerRecord record;
  record.kind = RecordKind::TornTail;
  record.text = {{"file", name}, {"sha256", sha256_hex(bytes)}};
  record.numbers = {{"bytes", static_cast<std::int64_t>(bytes.size())}};
  const FormattedLine line = format(head, record);
  const std::size_t used = line.text.size() + 1;
  put_line(head, line, bytes.size() > used ? bytes.size() - used : 0, Durability::Durable);
}

void FileLedger::check_anchors(const LedgerHead& head) {
  const std::filesystem::path path = anchor_path(options_.folder);
  const auto file = folder_above().open(path.filename().string());
  if (const auto anchor = file ? parse_anchor(file->read(0, 4096)) : std::nullopt) {
    check_anchor(head, *anchor, path.string());
  }
  KeyringAnchor* keyring = keyring_anchor();
  if (const auto anchor = keyring != nullptr ? keyring->get() : std::nullopt) {
    check_anchor(head, *anchor, "the kernel's keyring");
  }
  anchor_checked_ = true;
}

// A new segment that goes on from the last record known to be on the disk. Records that were
// written but not synced are still in the old file's cached pages: they are written again.
LedgerHead FileLedger::replace_poisoned(const LedgerHead& bad) {
  LedgerHead head = scan_segment(bad.segment, bad.durable_sequence);
  head.poisoned = true;
  std::vector<std::string> again;
  LineReader lines(segment(bad.segment), bad.durable_end);
  while (lines.next() && lines.offset() < bad.end && !lines.line().empty()) {
    if (parse_line(lines.line()).fault != LineFault::None) break;
    again.emplace_back(lines.line());
  }
  start_segment(head, "sync failed", again.size());
  for (const std::string& line : again) {
    const FormattedLine moved = move_line(parse_line(line).view, head.sequence + 1, head.hash);
    put_line(head, moved, 0, Durability::Written);
  }
  sync_segment(head);
  save(head);
  return head;
}

void FileLedger::close_crashed(LedgerHead& head) {
  crash_checked_ = true;
  std::vector<OpenSession> dead;
  for (const OpenSession& session : head.open) {
    const bool alive = session.boot_id == boot_id_ &&
                       process_lives(static_cast<pid_t>(session.pid), session.pid_start);
    if (!alive) dead.push_back(session);
  }
  for (const OpenSession& session : dead) {
    if (!session.holds_a_handle()) close_unknown(head, session);
    crashed_.push_back(session);
  }
}

void FileLedger::close_unknown(LedgerHead& head, const OpenSession& session) {
  LedgerRecord record;
  record.kind = RecordKind::ClosedUnknown;
  record.session = session.session;
  record.grant = session.grant;
  record.role = session.role;
  record.text = {{"action", session.action}};
  if (session.issued && !session.stored) {
    record.text["handle"] = session.handle;
    record.text["provider"] = session.provider;
  }
  record.numbers = {{"intent", static_cast<std::int64_t>(session.intent)}};
  put(head, record, Durability::Written);
}

const std::vector<OpenSession>& FileLedger::crashed() {
  const auto holds_a_handle = [](const OpenSession& session) { return session.holds_a_handle(); };
  if (std::none_of(crashed_.begin(), crashed_.end(), holds_a_handle)) return crashed_;
  const AppendFolder::Lock lock = take_lock();
  const LedgerHead head = load_head();
  const auto settled_elsewhere = [&](const OpenSession& session) {
    return session.holds_a_handle() && !is_open(head, session);
  };
  crashed_.erase(std::remove_if(crashed_.begin(), crashed_.end(), settled_elsewhere),
                 crashed_.end());
  return crashed_;
}

void FileLedger::settled(const OpenSession& session) {
  const AppendFolder::Lock lock = take_lock();
  LedgerHead head = load_head();
  if (is_open(head, session)) close_unknown(head, session);
}

}  // namespace prodaccess
