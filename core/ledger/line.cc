#include "core/ledger/line.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/ledger/canonical.h"

namespace prodaccess {
namespace {

constexpr std::size_t kHexSize = 64;
constexpr std::string_view kHashKey = "\"hash\":\"";
constexpr std::size_t kHashMemberSize = kHashKey.size() + kHexSize + 2;

Digest leaf_hash(std::string_view before, std::string_view after) {
  return Sha256().update(std::string_view("\0", 1)).update(before).update(after).finish();
}

FormattedLine seal(const std::string& before, const std::string& after) {
  FormattedLine line;
  line.hash = leaf_hash(before, after);
  line.text.reserve(before.size() + kHashMemberSize + after.size());
  line.text.append(before).append(kHashKey).append(hex(line.hash)).append("\",").append(after);
  return line;
}

void append_member(std::string& out, std::string_view key, std::string_view json) {
  if (out.back() != '{') out += ',';
  append_json_string(out, key);
  out += ':';
  out += json;
}

std::string json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::string format_data(const LedgerRecord& record) {
  std::map<std::string, std::string, std::less<>> members;
  for (const auto& [key, value] : record.text) members.emplace(key, json_string(value));
  for (const auto& [key, value] : record.numbers) members.emplace(key, std::to_string(value));
  if (!record.detail_json.empty()) {
    if (!is_canonical_json(record.detail_json)) {
      throw Error(ErrorCode::Ledger, "the detail of a record is not canonical JSON");
    }
    members.emplace("detail", record.detail_json);
  }
  const std::size_t given =
      record.text.size() + record.numbers.size() + (record.detail_json.empty() ? 0 : 1);
  if (members.size() != given) throw Error(ErrorCode::Ledger, "a record names one field twice");
  std::string data = "{";
  for (const auto& [key, json] : members) append_member(data, key, json);
  return data + "}";
}

std::string format_actor(const Actor& actor) {
  std::string json = "{";
  append_member(json, "class", json_string(identity_class_name(actor.identity)));
  append_member(json, "host", json_string(actor.host));
  append_member(json, "person", json_string(actor.person));
  append_member(json, "uid", std::to_string(actor.uid));
  return json + "}";
}

bool is_hash(std::string_view text) {
  return text.size() == kHexSize && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

FormattedLine format_line(const LedgerRecord& record, const Actor& actor, const LinePlace& place) {
  std::string before = "{";
  append_member(before, "actor", format_actor(actor));
  append_member(before, "boot", json_string(place.boot_id));
  append_member(before, "boot_ms", std::to_string(place.boot_time.time_since_epoch().count()));
  append_member(before, "data", format_data(record));
  append_member(before, "grant", json_string(record.grant));
  before += ',';
  std::string after = "{";
  append_member(after, "kind", json_string(record_kind_name(record.kind)));
  append_member(after, "prev", json_string(hex(place.previous)));
  append_member(after, "role", json_string(record.role));
  append_member(after, "seq", std::to_string(place.sequence));
  append_member(after, "session", json_string(record.session));
  append_member(after, "time", json_string(format_rfc3339(place.time)));
  append_member(after, "v", std::to_string(kLedgerFormat));
  after += '}';
  FormattedLine line = seal(before, after.substr(1));
  if (line.text.size() >= kLongestLine) {
    throw Error(ErrorCode::Ledger, "a record of " + std::to_string(line.text.size()) +
                                       " bytes is longer than the ledger takes (1 MiB)");
  }
  return line;
}

Digest LineView::content_hash() const {
  return leaf_hash(line.substr(0, hash_member_), line.substr(hash_member_ + kHashMemberSize));
}

bool LineView::hash_holds() const { return parse_digest(hash) == content_hash(); }

// Walks the one shape that a line may have.
struct LineParser {
  explicit LineParser(std::string_view line) : cursor(line) { view.line = line; }

  std::string_view string_member(std::string_view key) {
    cursor.expect(key);
    return cursor.take_string();
  }
  std::uint64_t number_member(std::string_view key) {
    cursor.expect(key);
    return cursor.take_number();
  }
  void actor() {
    cursor.expect("{\"actor\":");
    const std::size_t start = cursor.position();
    string_member("{\"class\":");
    string_member(",\"host\":");
    string_member(",\"person\":");
    number_member(",\"uid\":");
    cursor.expect("}");
    if (!cursor.failed()) view.actor = view.line.substr(start, cursor.position() - start);
  }
  LineParse parse() {
    actor();
    view.boot = string_member(",\"boot\":");
    view.boot_ms = number_member(",\"boot_ms\":");
    cursor.expect(",\"data\":");
    view.data = cursor.take_object();
    view.grant = string_member(",\"grant\":");
    cursor.expect(",");
    view.hash_member_ = cursor.position();
    view.hash = string_member("\"hash\":");
    view.kind = string_member(",\"kind\":");
    view.previous = string_member(",\"prev\":");
    view.role = string_member(",\"role\":");
    view.sequence = number_member(",\"seq\":");
    view.session = string_member(",\"session\":");
    view.time = string_member(",\"time\":");
    view.version = number_member(",\"v\":");
    cursor.expect("}");
    return {fault(), view};
  }
  LineFault fault() const {
    if (cursor.incomplete()) return LineFault::Incomplete;
    if (!cursor.failed() && view.version > kLedgerFormat && view.hash_holds()) {
      return LineFault::NewerFormat;
    }
    if (cursor.failed() || !cursor.at_end() || view.version != kLedgerFormat ||
        !is_hash(view.hash) || !is_hash(view.previous) || view.sequence == 0) {
      return LineFault::Malformed;
    }
    return LineFault::None;
  }

  CanonicalCursor cursor;
  LineView view;
};

LineParse parse_line(std::string_view line) { return LineParser(line).parse(); }

FormattedLine move_line(const LineView& view, std::uint64_t sequence, const Digest& previous) {
  std::string before = "{";
  append_member(before, "actor", view.actor);
  append_member(before, "boot", "\"" + std::string(view.boot) + "\"");
  append_member(before, "boot_ms", std::to_string(view.boot_ms));
  append_member(before, "data", view.data);
  append_member(before, "grant", "\"" + std::string(view.grant) + "\"");
  before += ',';
  const auto quoted = [](std::string_view raw) { return "\"" + std::string(raw) + "\""; };
  std::string after = "\"kind\":" + quoted(view.kind);
  append_member(after, "prev", json_string(hex(previous)));
  append_member(after, "role", quoted(view.role));
  append_member(after, "seq", std::to_string(sequence));
  append_member(after, "session", quoted(view.session));
  append_member(after, "time", quoted(view.time));
  append_member(after, "v", std::to_string(kLedgerFormat));
  after += '}';
  return seal(before, after);
}

std::optional<Digest> parse_digest(std::string_view hex_text) {
  if (!is_hash(hex_text)) return std::nullopt;
  const std::string bytes = *unhex(hex_text);
  Digest digest{};
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

}  // namespace prodaccess
