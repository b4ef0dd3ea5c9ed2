#include "core/ledger/verify.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/ledger/merkle.h"
#include "core/ledger/walk.h"

namespace prodaccess {
namespace {

// Whether `text` is `digest` in hex, without making a string of it.
bool says(std::string_view text, const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.size() != 2 * digest.size()) return false;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    if (text[2 * i] != kDigits[digest[i] >> 4] || text[2 * i + 1] != kDigits[digest[i] & 15]) {
      return false;
    }
  }
  return true;
}

std::uint64_t number_member(const Json& data, const char* key) {
  const auto found = data.find(key);
  return found != data.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

class Verifier {
 public:
  Verifier(const std::filesystem::path& folder, const VerifyOptions& options)
      : folder_(folder, AppendFolder::Access::Read), options_(options), walk_(folder_) {}

  IntegrityReport run() {
    while (!report_.finding && step()) {
    }
    if (!report_.finding) judge_end();
    finish();
    return report_;
  }

 private:
  bool step();
  void record();
  void leaf(const Digest& hash, std::uint64_t sequence);
  void follow(const LineView& record);
  void opened(const LineView& record, const Json& data);
  void announced(const LineView& record, const Json& data);
  void checkpoint(const LineView& record, const Json& data);
  bool trusted(const Checkpoint& checkpoint) const;
  void judge_signature(const Checkpoint& checkpoint, std::uint64_t sequence);
  bool stands_later(std::uint64_t sequence) const;
  void judge_end();
  void finish();
  void broken(std::uint64_t record, IntegrityFault fault, const std::string& detail);
  std::uint64_t expected() const { return tree_.size() + 1; }

  AppendFolder folder_;
  const VerifyOptions& options_;
  LedgerWalk walk_;
  IntegrityReport report_;
  MerkleTree tree_;
  Digest previous_{};
  std::optional<VerifierKey> announced_;
  std::uint64_t segment_ = 0;
  std::uint64_t signed_size_ = 0;
  bool kept_seen_ = false;
  bool trusted_before_ = false;
};

void Verifier::broken(std::uint64_t record, IntegrityFault fault, const std::string& detail) {
  if (report_.finding) return;
  report_.anchor_matches = false;
  report_.finding = IntegrityFinding{record, fault, detail, segment_name(walk_.segment())};
}

bool Verifier::step() {
  switch (walk_.next()) {
    case LedgerWalk::Step::Record: record(); return true;
    case LedgerWalk::Step::Pruned:
      ++report_.pruned;
      segment_ = walk_.segment();
      leaf(walk_.pruned_hash(), expected());
      return true;
    case LedgerWalk::Step::Missing:
      broken(expected(), IntegrityFault::Missing, walk_.missing());
      return false;
    case LedgerWalk::Step::Bad:
      broken(expected(), IntegrityFault::Changed, "what stands in its place is no record");
      return false;
    case LedgerWalk::Step::Newer:
      throw Error(ErrorCode::Ledger,
                  "record " + std::to_string(expected()) +
                      " was written by a newer prodaccess than this one",
                  {"upgrade prodaccess"});
    case LedgerWalk::Step::Torn: report_.torn = true; return true;
    case LedgerWalk::Step::End: return false;
  }
  return false;
}

void Verifier::record() {
  const LineView& view = walk_.record();
  const std::uint64_t wanted = expected();
  const Digest hash = view.content_hash();
  if (!says(view.hash, hash)) {
    return broken(wanted, IntegrityFault::Changed, "its content is not what its hash says");
  }
  if (view.sequence != wanted) {
    const bool later = view.sequence < wanted || stands_later(wanted);
    return broken(wanted, later ? IntegrityFault::Reordered : IntegrityFault::Missing,
                  "record " + std::to_string(view.sequence) + " stands in its place");
  }
  if (!says(view.previous, previous_)) {
    return broken(wanted, IntegrityFault::Forked,
                  "it follows on another record than the one before it");
  }
  if (walk_.segment() != segment_) {
    segment_ = walk_.segment();
    if (view.kind != record_kind_name(RecordKind::Opened)) {
      return broken(wanted, IntegrityFault::Missing, "its segment does not begin as one");
    }
  }
  report_.bytes += view.line.size() + 1;
  follow(view);
  if (!report_.finding) leaf(hash, wanted);
}

// Whether a record of that number stands further on in the segment.
bool Verifier::stands_later(std::uint64_t sequence) const {
  const auto file = folder_.open(segment_name(walk_.segment()));
  if (!file) return false;
  LineReader lines(*file, walk_.offset());
  while (lines.next()) {
    if (lines.line().empty()) continue;
    const LineParse parsed = parse_line(lines.line());
    if (parsed.fault == LineFault::None && parsed.view.sequence == sequence) return true;
  }
  return false;
}

void Verifier::leaf(const Digest& hash, std::uint64_t sequence) {
  tree_.append(hash);
  previous_ = hash;
  for (const Anchor& anchor : options_.anchors) {
    if (anchor.sequence != sequence) continue;
    report_.anchor_matches = anchor.hash == hash;
    if (!report_.anchor_matches) {
      return broken(sequence, IntegrityFault::Forked, "it is not the record that the anchor names");
    }
  }
  if (options_.kept && options_.kept->size == sequence) {
    kept_seen_ = options_.kept->root == tree_.root();
    if (!kept_seen_) {
      broken(sequence, IntegrityFault::Forked,
             "the records up to it are not those of the checkpoint that was kept");
    }
  }
}

void Verifier::follow(const LineView& record) {
  const auto kind = parse_record_kind(record.kind);
  const bool key_note = kind == RecordKind::Note && record.session.empty();
  if (kind != RecordKind::Opened && kind != RecordKind::CheckpointMade && !key_note) return;
  const Json data = parse_json_strictly(record.data, "a record's data");
  if (kind == RecordKind::Opened) opened(record, data);
  if (kind == RecordKind::CheckpointMade) checkpoint(record, data);
  if (key_note && text_member(data, "event") == "key") announced(record, data);
}

void Verifier::opened(const LineView& record, const Json& data) {
  const std::string ledger = text_member(data, "ledger");
  if (report_.ledger.empty()) report_.ledger = ledger;
  if (ledger != report_.ledger) {
    return broken(record.sequence, IntegrityFault::Forked, "its segment belongs to another ledger");
  }
  if (number_member(data, "segment") != walk_.segment()) {
    return broken(record.sequence, IntegrityFault::Reordered,
                  "its segment's number is not the file's");
  }
  if (!announced_ && !text_member(data, "key").empty()) announced(record, data);
}

void Verifier::announced(const LineView& record, const Json& data) {
  announced_ = parse_vkey(text_member(data, "key"));
  report_.keys.push_back(
      {record.sequence, text_member(data, "key"), text_member(data, "key_scope")});
}

bool Verifier::trusted(const Checkpoint& checkpoint) const {
  const auto signs = [&](const VerifierKey& key) { return checkpoint.signed_by(key); };
  if (std::any_of(options_.keys.begin(), options_.keys.end(), signs)) return true;
  if (!options_.keys.empty()) return false;
  return std::any_of(options_.anchors.begin(), options_.anchors.end(), [&](const Anchor& anchor) {
    const auto key = parse_vkey(anchor.key);
    return key && checkpoint.signed_by(*key);
  });
}

void Verifier::checkpoint(const LineView& record, const Json& data) {
  const auto parsed = parse_checkpoint(text_member(data, "note"));
  if (!parsed || parsed->origin != origin_of(report_.ledger)) {
    return broken(record.sequence, IntegrityFault::Unsigned, "its checkpoint cannot be read");
  }
  if (parsed->size != tree_.size() || parsed->root != tree_.root()) {
    return broken(record.sequence, IntegrityFault::Forked,
                  "its checkpoint was signed over other records");
  }
  ++report_.checkpoints;
  report_.longest_unsigned = std::max(report_.longest_unsigned, tree_.size() - signed_size_);
  signed_size_ = tree_.size();
  judge_signature(*parsed, record.sequence);
  report_.last_checkpoint = parsed;
}

void Verifier::judge_signature(const Checkpoint& checkpoint, std::uint64_t sequence) {
  if (trusted(checkpoint)) {
    trusted_before_ = true;
    report_.proven = checkpoint.size;
    report_.proof = checkpoint;
    return;
  }
  // Before the first checkpoint of an anchored key there may be those of keys that it replaced.
  if (!options_.keys.empty() || trusted_before_) {
    return broken(sequence, IntegrityFault::Unsigned,
                  "its checkpoint is not signed by a key that is trusted");
  }
  if (!announced_ || !checkpoint.signed_by(*announced_)) {
    broken(sequence, IntegrityFault::Unsigned,
           "its checkpoint is not signed by the key that the ledger names");
  }
}

void Verifier::judge_end() {
  if (tree_.size() == 0 && walk_.segments() == 0) {
    report_.notes.emplace_back("there are no records");
  }
  report_.longest_unsigned = std::max(report_.longest_unsigned, tree_.size() - signed_size_);
  for (const Anchor& anchor : options_.anchors) {
    if (!report_.ledger.empty() && anchor.ledger != report_.ledger) {
      return broken(1, IntegrityFault::Forked, "the anchor belongs to another ledger");
    }
    if (anchor.sequence > tree_.size()) {
      return broken(expected(), IntegrityFault::Cut,
                    "the anchor names record " + std::to_string(anchor.sequence) +
                        ": the end was cut off, or an older copy stands in its place");
    }
  }
  if (!options_.kept) return;
  if (options_.kept->origin != origin_of(report_.ledger)) {
    return broken(1, IntegrityFault::Forked, "the checkpoint that was kept is another ledger's");
  }
  if (options_.kept->size > tree_.size()) {
    return broken(expected(), IntegrityFault::Cut,
                  "the checkpoint that was kept covers " + std::to_string(options_.kept->size));
  }
  if (kept_seen_ && options_.kept->size > report_.proven) {
    report_.proven = options_.kept->size;
    report_.proof = options_.kept;
  }
}

void Verifier::finish() {
  report_.records = tree_.size();
  report_.root = tree_.root();
  report_.head_hash = previous_;
  report_.segments = walk_.segments();
  report_.set_aside = walk_.set_aside();
  if (report_.finding) {
    report_.verdict = IntegrityVerdict::Broken;
    // A finding takes away nothing that was shown before it, and all behind it.
    return;
  }
  report_.verdict = report_.proven > 0 ? IntegrityVerdict::Proven : IntegrityVerdict::Unproven;
  if (report_.set_aside != 0) {
    report_.notes.push_back(std::to_string(report_.set_aside) +
                            " lines that a failed write left behind do not count");
  }
  if (report_.torn) report_.notes.emplace_back("the last record was cut short while being written");
  if (report_.proven == 0 && report_.last_checkpoint) {
    report_.notes.emplace_back(
        "checkpoints are signed by the key that the ledger itself names; give one you trust with "
        "--key, or a checkpoint you kept with --checkpoint");
  }
}

}  // namespace

std::string_view integrity_verdict_name(IntegrityVerdict verdict) {
  switch (verdict) {
    case IntegrityVerdict::Proven: return "proven";
    case IntegrityVerdict::Unproven: return "consistent";
    case IntegrityVerdict::Broken: return "broken";
  }
  return "broken";
}

std::string_view integrity_fault_name(IntegrityFault fault) {
  switch (fault) {
    case IntegrityFault::Changed: return "changed";
    case IntegrityFault::Missing: return "missing";
    case IntegrityFault::Reordered: return "reordered";
    case IntegrityFault::Cut: return "cut";
    case IntegrityFault::Forked: return "forked";
    case IntegrityFault::Unsigned: return "unsigned";
  }
  return "changed";
}

IntegrityReport verify_ledger(const std::filesystem::path& folder, const VerifyOptions& options) {
  return Verifier(folder, options).run();
}

const Checkpoint& require_checkpoint(const IntegrityReport& report) {
  if (report.last_checkpoint) return *report.last_checkpoint;
  throw Error(ErrorCode::Ledger, "the ledger has no checkpoint yet",
              {"prodaccess audit checkpoint --now   signs one"});
}

}  // namespace prodaccess
