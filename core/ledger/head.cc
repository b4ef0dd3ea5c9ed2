#include "core/ledger/head.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/ledger/canonical.h"

namespace prodaccess {
namespace {

constexpr std::string_view kMagic = "prodaccess-head 1";

// Reads the words of the cache file; anything unexpected makes it absent.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}
  std::string_view next() {
    const std::size_t end = rest_.find_first_of(" \n");
    if (end == std::string_view::npos) {
      bad_ = true;
      return {};
    }
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return word;
  }
  std::uint64_t number() {
    const std::string word(next());
    bad_ |= word.empty() || word.find_first_not_of("0123456789") != std::string::npos;
    return bad_ ? 0 : std::strtoull(word.c_str(), nullptr, 10);
  }
  Digest digest() {
    const auto value = parse_digest(next());
    bad_ |= !value;
    return value.value_or(Digest{});
  }
  std::string text() {
    const auto bytes = unhex(next());
    bad_ |= !bytes;
    return bytes.value_or("");
  }
  bool bad() const { return bad_; }

 private:
  std::string_view rest_;
  bool bad_ = false;
};

void append_words(std::string& out, std::initializer_list<std::string> words) {
  for (const std::string& word : words) {
    out += word;
    out += ' ';
  }
  out.back() = '\n';
}

std::string text_of(std::uint64_t number) { return std::to_string(number); }

void append_session(std::string& out, const OpenSession& session) {
  append_words(out,
               {hex(session.session), hex(session.action), hex(session.grant), hex(session.role),
                hex(session.provider), hex(session.handle), hex(session.boot_id),
                std::to_string(session.pid), text_of(session.pid_start), text_of(session.intent),
                session.issued ? "1" : "0", session.stored ? "1" : "0"});
}

OpenSession read_session(Words& words) {
  OpenSession session;
  session.session = words.text();
  session.action = words.text();
  session.grant = words.text();
  session.role = words.text();
  session.provider = words.text();
  session.handle = words.text();
  session.boot_id = words.text();
  session.pid = static_cast<std::int64_t>(words.number());
  session.pid_start = words.number();
  session.intent = words.number();
  session.issued = words.number() != 0;
  session.stored = words.number() != 0;
  return session;
}

MerkleTree read_tree(Words& words, std::uint64_t size, bool& bad) {
  std::vector<Digest> peaks(std::min<std::uint64_t>(words.number(), 64));
  for (Digest& peak : peaks) peak = words.digest();
  auto tree = MerkleTree::from_peaks(size, std::move(peaks));
  bad |= !tree;
  return tree ? std::move(*tree) : MerkleTree();
}

std::string member(const Json& data, const char* key) {
  return restore_bytes(text_member(data, key));
}

std::uint64_t number_member(const Json& data, const char* key) {
  const auto found = data.find(key);
  return found != data.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

void open_session(LedgerHead& head, const LineView& record, const Json& data) {
  OpenSession session;
  session.session = std::string(record.session);
  session.action = member(data, "action");
  session.grant = std::string(record.grant);
  session.role = std::string(record.role);
  session.boot_id = std::string(record.boot);
  session.pid = static_cast<std::int64_t>(number_member(data, "writer_pid"));
  session.pid_start = number_member(data, "writer_start");
  session.intent = record.sequence;
  head.open.push_back(std::move(session));
}

// What a later record of a session tells about it.
void follow_session(LedgerHead& head, const LineView& record) {
  const auto found = std::find_if(head.open.begin(), head.open.end(), [&](const OpenSession& s) {
    return s.session == record.session;
  });
  if (found == head.open.end()) return;
  const auto kind = parse_record_kind(record.kind);
  const bool asks_only =
      found->action == "request" || found->action == "renew" || found->action == "fetch";
  switch (kind.value_or(RecordKind::Note)) {
    case RecordKind::Issued: {
      const Json data = parse_json_strictly(record.data, "a record's data");
      found->issued = true;
      found->provider = member(data, "provider");
      found->handle = member(data, "handle");
      if (!record.grant.empty()) found->grant = std::string(record.grant);
      return;
    }
    case RecordKind::Stored:
      found->stored = true;
      if (asks_only) head.open.erase(found);
      return;
    case RecordKind::Ended:
    case RecordKind::Refused:
    case RecordKind::Revoked:
    case RecordKind::Failed:
    case RecordKind::ClosedUnknown: head.open.erase(found); return;
    default: return;
  }
}

// A grant that was ended leaves no request of it open: what was issued is revoked.
void follow_revocation(LedgerHead& head, const LineView& record) {
  head.open.erase(std::remove_if(head.open.begin(), head.open.end(),
                                 [&](const OpenSession& session) {
                                   return session.issued && session.grant == record.grant &&
                                          session.action == "request once";
                                 }),
                  head.open.end());
}

void follow_checkpoint(LedgerHead& head, const LineView& record) {
  const Json data = parse_json_strictly(record.data, "a record's data");
  head.checkpoint_number = number_member(data, "number");
  head.checkpoint_size = number_member(data, "size");
  const auto time = parse_rfc3339(record.time);
  head.checkpoint_time_ms = time ? time->time_since_epoch().count() : 0;
}

void follow_key(LedgerHead& head, const LineView& record) {
  const Json data = parse_json_strictly(record.data, "a record's data");
  if (member(data, "event") == "key") head.key = member(data, "key");
}

[[noreturn]] void refuse(std::uint64_t sequence, const std::string& why) {
  throw Error(ErrorCode::Ledger,
              "the ledger is broken at record " + std::to_string(sequence) + ": " + why,
              {"prodaccess audit verify", "prodaccess audit repair --reason \"...\""});
}

}  // namespace

std::string format_head(const LedgerHead& head) {
  std::string text(kMagic);
  text += '\n';
  append_words(text, {head.ledger.empty() ? "-" : head.ledger, hex(head.key), text_of(head.segment),
                      text_of(head.last_offset), text_of(head.end), text_of(head.sequence),
                      hex(head.hash), text_of(head.durable_sequence), text_of(head.durable_end),
                      hex(head.durable_hash), text_of(head.checkpoint_number),
                      text_of(head.checkpoint_size), std::to_string(head.checkpoint_time_ms),
                      std::to_string(head.checkpoint_not_before_ms), head.poisoned ? "1" : "0"});
  append_words(text, {text_of(head.tree.peaks().size())});
  for (const Digest& peak : head.tree.peaks()) append_words(text, {hex(peak)});
  append_words(text, {text_of(head.open.size())});
  for (const OpenSession& session : head.open) append_session(text, session);
  const std::string checksum = sha256_hex(text);
  return text.append(checksum).append(1, '\n');
}

std::optional<LedgerHead> parse_head(std::string_view text) {
  if (text.size() <= kMagic.size() || text.substr(0, kMagic.size()) != kMagic) return std::nullopt;
  Words words(text.substr(kMagic.size() + 1));
  LedgerHead head;
  head.ledger = std::string(words.next());
  head.key = words.text();
  head.segment = words.number();
  head.last_offset = words.number();
  head.end = words.number();
  head.sequence = words.number();
  head.hash = words.digest();
  head.durable_sequence = words.number();
  head.durable_end = words.number();
  head.durable_hash = words.digest();
  head.checkpoint_number = words.number();
  head.checkpoint_size = words.number();
  head.checkpoint_time_ms = static_cast<std::int64_t>(words.number());
  head.checkpoint_not_before_ms = static_cast<std::int64_t>(words.number());
  head.poisoned = words.number() != 0;
  bool bad = words.bad();
  head.tree = read_tree(words, head.sequence, bad);
  const std::uint64_t count = words.number();
  for (std::uint64_t i = 0; i < count && !words.bad(); ++i)
    head.open.push_back(read_session(words));
  if (bad || words.bad()) return std::nullopt;
  // Equal to what would be written, checksum included, or it does not count.
  const std::string again = format_head(head);
  if (text.substr(0, again.size()) != again) return std::nullopt;
  return head;
}

void apply_record(LedgerHead& head, const LineView& record, std::uint64_t offset) {
  const std::uint64_t expected = head.sequence + 1;
  if (record.sequence != expected) {
    refuse(expected, "record " + std::to_string(record.sequence) + " stands in its place");
  }
  if (record.previous != hex(head.hash)) refuse(expected, "it does not follow the one before it");
  const Digest hash = record.content_hash();
  if (record.hash != hex(hash)) refuse(expected, "its content was changed");
  head.sequence = expected;
  head.hash = hash;
  head.last_offset = offset;
  head.end = offset + record.line.size() + 1;
  head.tree.append(hash);
  const auto kind = parse_record_kind(record.kind);
  if (kind == RecordKind::Intent) {
    open_session(head, record, parse_json_strictly(record.data, "a record's data"));
  } else if (kind == RecordKind::CheckpointMade) {
    follow_checkpoint(head, record);
  } else if (kind == RecordKind::Note && record.session.empty()) {
    follow_key(head, record);
  } else if (!record.session.empty()) {
    follow_session(head, record);
  } else if (kind == RecordKind::Revoked && !record.grant.empty()) {
    follow_revocation(head, record);
  }
}

std::string format_segment_state(const LedgerHead& head) {
  Json peaks = Json::array();
  for (const Digest& peak : head.tree.peaks()) peaks.push_back(hex(peak));
  Json open = Json::array();
  for (const OpenSession& session : head.open) {
    std::string text;
    append_session(text, session);
    text.pop_back();
    open.push_back(text);
  }
  return canonical_json({{"checkpoint_number", head.checkpoint_number},
                         {"checkpoint_size", head.checkpoint_size},
                         {"checkpoint_time_ms", head.checkpoint_time_ms},
                         {"open", open},
                         {"peaks", peaks}});
}

std::optional<LedgerHead> parse_segment_state(const LineView& opened) {
  if (opened.kind != record_kind_name(RecordKind::Opened)) return std::nullopt;
  const Json data = parse_json_strictly(opened.data, "a record's data");
  const auto detail = data.find("detail");
  if (detail == data.end() || !detail->is_object()) return std::nullopt;
  LedgerHead head;
  head.ledger = member(data, "ledger");
  head.key = member(data, "key");
  head.segment = number_member(data, "segment");
  head.sequence = opened.sequence - 1;
  head.hash = parse_digest(opened.previous).value_or(Digest{});
  head.durable_sequence = head.sequence;
  head.durable_hash = head.hash;
  head.checkpoint_number = number_member(*detail, "checkpoint_number");
  head.checkpoint_size = number_member(*detail, "checkpoint_size");
  head.checkpoint_time_ms = static_cast<std::int64_t>(number_member(*detail, "checkpoint_time_ms"));
  std::vector<Digest> peaks;
  for (const Json& peak : detail->value("peaks", Json::array())) {
    const auto digest = peak.is_string() ? parse_digest(peak.get<std::string>()) : std::nullopt;
    if (!digest) return std::nullopt;
    peaks.push_back(*digest);
  }
  auto tree = MerkleTree::from_peaks(head.sequence, std::move(peaks));
  if (!tree) return std::nullopt;
  head.tree = std::move(*tree);
  for (const Json& open : detail->value("open", Json::array())) {
    if (!open.is_string()) return std::nullopt;
    std::string text = open.get<std::string>();
    text += '\n';
    Words words(text);
    head.open.push_back(read_session(words));
    if (words.bad()) return std::nullopt;
  }
  return head;
}

}  // namespace prodaccess
