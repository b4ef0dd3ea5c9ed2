#include "core/ledger/file_ledger.h"

#include <unistd.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/os/random.h"

namespace prodaccess {
namespace {

constexpr std::uint64_t kChunk = std::uint64_t{256} << 10;        // written ahead at a time
constexpr std::uint64_t kClosingSpace = std::uint64_t{16} << 10;  // kept for each open session
constexpr std::size_t kHeadSpace = std::size_t{64} << 10;
constexpr auto kCheckpointRetry = std::chrono::minutes{10};

std::uint64_t round_up(std::uint64_t size) { return (size + kChunk - 1) / kChunk * kChunk; }

bool closes(RecordKind kind) {
  return kind == RecordKind::Ended || kind == RecordKind::Stored || kind == RecordKind::Revoked ||
         kind == RecordKind::Refused || kind == RecordKind::Failed || kind == RecordKind::Note;
}

Error as_ledger_error(const Error& error) {
  if (error.code() != ErrorCode::System) return error;
  return Error(ErrorCode::Ledger, std::string("the ledger cannot be written: ") + error.what(),
               error.hints());
}

}  // namespace

FileLedger::FileLedger(LedgerOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

FileLedger::~FileLedger() {
  try {
    sync();
  } catch (const std::exception&) {
    // Nothing durable was promised for these records; the next process finds what is there.
    unsynced_ = false;
  }
}

AppendFolder& FileLedger::folder() {
  if (!folder_) {
    folder_.emplace(options_.folder, AppendFolder::Access::Write);
    boot_id_ = clock_.boot_id();
  }
  return *folder_;
}

AppendFile& FileLedger::segment(std::uint64_t number) {
  if (!segment_ || segment_number_ != number) {
    segment_ = folder().open(segment_name(number));
    segment_number_ = number;
    if (!segment_) {
      throw Error(ErrorCode::Ledger,
                  (folder().path() / segment_name(number)).string() + " is missing",
                  {"prodaccess audit verify", "prodaccess audit repair --reason \"...\""});
    }
  }
  return *segment_;
}

AppendFolder::Lock FileLedger::take_lock() {
  return folder().lock(std::string(kLockName), options_.lock_patience);
}

std::uint64_t FileLedger::append(const LedgerRecord& record, Durability durability) try {
  std::uint64_t sequence = 0;
  bool due = false;
  {
    if (!head_file_ && !folder().open(std::string(kHeadName))) prepare_signer();
    const AppendFolder::Lock lock = take_lock();
    LedgerHead head = load_head();
    if (record.kind == RecordKind::Intent) {
      if (!crash_checked_) close_crashed(head);
      if (head.end >= options_.segment_size) start_segment(head, "", 0);
    }
    sequence = put(head, record, durability);
    due = closes(record.kind) && checkpoint_due(head);
  }
  if (due) make_checkpoint();
  return sequence;
} catch (const Error& error) {
  throw as_ledger_error(error);
}

void FileLedger::sync() {
  if (!unsynced_) return;
  const AppendFolder::Lock lock = take_lock();
  LedgerHead head = load_head();
  sync_segment(head);
  save(head);
}

FormattedLine FileLedger::format(const LedgerHead& head, const LedgerRecord& record) const {
  LinePlace place;
  place.sequence = head.sequence + 1;
  place.previous = head.hash;
  place.time = clock_.wall_now();
  place.boot_time = clock_.boot_now();
  place.boot_id = boot_id_;
  return format_line(record, options_.actor, place);
}

std::uint64_t FileLedger::put(LedgerHead& head, const LedgerRecord& record, Durability durability) {
  if (record.kind != RecordKind::Intent) {
    const FormattedLine line = format(head, record);
    make_room(head, record, line.text.size() + 1);
    put_line(head, line, 0, durability);
    return head.sequence;
  }
  LedgerRecord intent = record;
  if (writer_start_ == 0) writer_start_ = process_start_time(::getpid());
  intent.numbers["writer_pid"] = ::getpid();
  intent.numbers["writer_start"] = static_cast<std::int64_t>(writer_start_);
  const FormattedLine line = format(head, intent);
  make_room(head, intent, line.text.size() + 1);
  put_line(head, line, 0, durability);
  return head.sequence;
}

// `blank`: how many bytes behind the record are to become newlines.
void FileLedger::put_line(LedgerHead& head, const FormattedLine& line, std::size_t blank,
                          Durability durability) {
  std::string bytes = line.text;
  bytes.append(1 + blank, '\n');
  segment(head.segment).write(head.end, bytes);
  LedgerHead next = head;
  apply_record(next, parse_line(line.text).view, head.end);
  if (durability == Durability::Durable) {
    try {
      sync_segment(next);
    } catch (const Error&) {
      head.poisoned = true;
      save(head);
      throw;
    }
  } else if (durability == Durability::Written) {
    unsynced_ = true;
  }
  head = std::move(next);
  save(head);
}

// Space for the record and, with an intent, for the records that will close it. Without an intent
// the space that was kept may be used up.
void FileLedger::make_room(LedgerHead& head, const LedgerRecord& record, std::size_t bytes) {
  const bool intent = record.kind == RecordKind::Intent;
  const std::uint64_t sessions = head.open.size() + (intent ? 1 : 0);
  const std::uint64_t wanted = head.end + bytes + sessions * kClosingSpace;
  AppendFile& file = segment(head.segment);
  const std::uint64_t size = file.size();
  if (wanted <= size) return;
  try {
    const std::string blanks(kChunk, '\n');
    for (std::uint64_t at = size; at < round_up(wanted); at += kChunk) {
      file.write(at, std::string_view(blanks).substr(0, round_up(at + 1) - at));
    }
  } catch (const Error&) {
    if (intent || head.end + bytes > file.size()) throw;
    return;
  }
  sync_segment(head);
}

// All that stands before head.end is on the disk. A failure ends the segment: the kernel may have
// dropped what it could not write and would not say so again.
void FileLedger::sync_segment(LedgerHead& head) {
  try {
    segment(head.segment).sync_data();
  } catch (const Error&) {
    LedgerHead poisoned = head;
    poisoned.poisoned = true;
    save(poisoned);
    throw;
  }
  head.durable_sequence = head.sequence;
  head.durable_end = head.end;
  head.durable_hash = head.hash;
  unsynced_ = false;
  save_anchor(head, false);
}

// The cache may lag or be lost at no loss but time; a full disk must not stop a record for it.
void FileLedger::save(const LedgerHead& head) {
  try {
    if (!head_file_) head_file_ = folder().open(std::string(kHeadName));
    if (!head_file_) {
      head_file_ = folder().create(std::string(kHeadName));
      head_file_->write(0, std::string(kHeadSpace, '\n'));
    }
    saved_.reset();
    SavedHead saved{format_head(head), head};
    head_file_->write(0, saved.text);
    saved_ = std::move(saved);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::System) throw;
  }
}

void FileLedger::save_anchor(const LedgerHead& head, bool synced) {
  const Anchor anchor{head.ledger, head.sequence, head.hash, head.key};
  try {
    if (KeyringAnchor* keyring = keyring_anchor()) keyring->put(anchor);
    if (!anchor_file_) {
      const std::string name = anchor_path(options_.folder).filename().string();
      anchor_file_ = folder_above().open(name);
      if (!anchor_file_) anchor_file_ = folder_above().create(name);
    }
    anchor_file_->write(0, format_anchor(anchor));
    if (synced) anchor_file_->sync_data();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::System) throw;
  }
}

AppendFolder& FileLedger::folder_above() {
  if (!above_) {
    const std::filesystem::path path = anchor_path(options_.folder);
    above_.emplace(path.has_parent_path() ? path.parent_path() : ".", AppendFolder::Access::Write);
  }
  return *above_;
}

KeyringAnchor* FileLedger::keyring_anchor() {
  if (!options_.keyring_anchor) return nullptr;
  if (!keyring_anchor_) {
    keyring_anchor_.emplace(folder_above(), anchor_path(options_.folder).filename().string());
  }
  return &*keyring_anchor_;
}

void FileLedger::prepare_signer() {
  try {
    first_signer_ = options_.signer();
  } catch (const Error&) {
    first_signer_.reset();  // the first checkpoint will announce its key
  }
}

LedgerHead FileLedger::create() {
  LedgerHead head;
  head.ledger = hex(SystemRandom().bytes(16));
  if (first_signer_) {
    head.key = VerifierKey{origin_of(head.ledger), first_signer_->key->public_key()}.text();
  }
  start_segment(head, "", 0);
  return head;
}

// The next segment, whole on the disk before anything refers to it. `set_aside` counts the records
// of the one before it that do not count.
void FileLedger::start_segment(LedgerHead& head, const std::string& reason,
                               std::uint64_t set_aside) {
  LedgerHead next = head;
  next.segment = head.segment + 1;
  next.end = 0;
  next.poisoned = false;
  LedgerRecord opened;
  opened.kind = RecordKind::Opened;
  opened.text = {{"ledger", head.ledger}, {"key", head.key}};
  if (!reason.empty()) opened.text["reason"] = reason;
  if (first_signer_) opened.text["key_scope"] = first_signer_->scope;
  opened.numbers = {{"checkpoint_every", static_cast<std::int64_t>(options_.checkpoint_every)},
                    {"format", static_cast<std::int64_t>(kLedgerFormat)},
                    {"segment", static_cast<std::int64_t>(next.segment)},
                    {"set_aside", static_cast<std::int64_t>(set_aside)}};
  opened.detail_json = format_segment_state(head);
  const FormattedLine line = format(head, opened);
  std::string content = line.text + "\n";
  content.resize(round_up(content.size() + kClosingSpace * (head.open.size() + 1)), '\n');
  AppendFile file = folder().create(std::string(kNewSegmentName));
  file.write(0, content);
  file.sync_data();
  folder().rename(std::string(kNewSegmentName), segment_name(next.segment));
  folder().sync();
  if (head.segment != 0 && !head.poisoned) {
    segment(head.segment).truncate(head.end);
    segment(head.segment).sync_data();
  }
  apply_record(next, parse_line(line.text).view, 0);
  head = std::move(next);
  head.durable_sequence = head.sequence;
  head.durable_end = head.end;
  head.durable_hash = head.hash;
  save(head);
  save_anchor(head, false);
}

bool FileLedger::checkpoint_due(const LedgerHead& head) const {
  const std::int64_t now = clock_.wall_now().time_since_epoch().count();
  // The checkpoint's own record is behind what it covers and asks for no other.
  const std::uint64_t covered = head.checkpoint_size == 0 ? 0 : head.checkpoint_size + 1;
  if (head.sequence <= covered || now < head.checkpoint_not_before_ms) return false;
  return head.sequence - covered >= options_.checkpoint_every ||
         now - head.checkpoint_time_ms >= Milliseconds(options_.checkpoint_after).count();
}

// The keyring is asked without the lock: it may take its time.
void FileLedger::make_checkpoint() {
  CheckpointSigner signer;
  try {
    signer = options_.signer();
  } catch (const Error&) {
    return postpone_checkpoint();
  }
  const AppendFolder::Lock lock = take_lock();
  LedgerHead head = load_head();
  if (checkpoint_due(head)) sign_head(head, signer);
}

void FileLedger::postpone_checkpoint() {
  const AppendFolder::Lock lock = take_lock();
  LedgerHead head = load_head();
  head.checkpoint_not_before_ms = (clock_.wall_now() + kCheckpointRetry).time_since_epoch().count();
  save(head);
}

void FileLedger::sign_head(LedgerHead& head, const CheckpointSigner& signer) {
  const VerifierKey key{origin_of(head.ledger), signer.key->public_key()};
  if (head.key != key.text()) {
    LedgerRecord note;
    note.text = {{"event", "key"}, {"key", key.text()}, {"key_scope", signer.scope}};
    put(head, note, Durability::Written);
  }
  Checkpoint checkpoint;
  checkpoint.origin = key.name;
  checkpoint.size = head.tree.size();
  checkpoint.root = head.tree.root();
  checkpoint.number = head.checkpoint_number + 1;
  checkpoint.time = clock_.wall_now();
  sign_checkpoint(checkpoint, *signer.key);
  LedgerRecord record;
  record.kind = RecordKind::CheckpointMade;
  record.text = {{"note", checkpoint.text()}};
  record.numbers = {{"number", static_cast<std::int64_t>(checkpoint.number)},
                    {"size", static_cast<std::int64_t>(checkpoint.size)}};
  put(head, record, Durability::Durable);
  save_anchor(head, true);
}

std::unique_ptr<Ledger> open_ledger(LedgerOptions options, const Clock& clock) {
  return std::make_unique<FileLedger>(std::move(options), clock);
}

std::unique_ptr<Ledger> open_ledger(const std::filesystem::path& folder, const Clock& clock,
                                    const Actor& actor, DurableStore* keys) {
  LedgerOptions options;
  options.folder = folder;
  options.actor = actor;
  if (keys != nullptr) options.signer = [keys] { return signer_from(*keys); };
  return open_ledger(std::move(options), clock);
}

}  // namespace prodaccess
