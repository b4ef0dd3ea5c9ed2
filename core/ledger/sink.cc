#include "core/ledger/sink.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

constexpr std::size_t kBatch = 100;
constexpr std::size_t kBatchBytes = std::size_t{512} << 10;
// A datagram of UDP holds 65,507 bytes less what IP options take.
constexpr std::size_t kLongestDatagram = 65'000;
constexpr Milliseconds kLateAfter{60'000};
constexpr Milliseconds kOthersPatience{10'000};
constexpr int kAuditFacility = 13;  // RFC 5424, table 1: log audit
constexpr int kNotice = 5;
constexpr int kWarning = 4;
constexpr int kInformational = 6;

int severity(const RecordEntry& entry) {
  switch (entry.kind) {
    case RecordKind::Refused:
    case RecordKind::Failed:
    case RecordKind::ClosedUnknown:
    case RecordKind::Anomaly:
    case RecordKind::Locked:
    case RecordKind::Repaired:
    case RecordKind::TornTail: return kWarning;
    case RecordKind::Started:
    case RecordKind::Ended:
    case RecordKind::CheckpointMade: return kInformational;
    default: return kNotice;
  }
}

// A header field of RFC 5424: printable ASCII without blanks, or the nil value.
std::string header_field(const std::string& text, std::size_t longest) {
  std::string field;
  for (const char c : text) {
    if (c > ' ' && c < 0x7f && field.size() < longest) field += c;
  }
  return field.empty() ? "-" : field;
}

std::string parameter(const std::string& name, const std::string& value) {
  std::string text = " " + name + "=\"";
  for (const char c : escape_for_terminal(value)) {
    if (c == '"' || c == '\\' || c == ']') text += '\\';
    text += c;
  }
  return text + "\"";
}

void add_field(std::string& message, const std::string& name, const std::string& value) {
  // The native protocol: a value with a newline is given by its length instead.
  if (value.find('\n') == std::string::npos) {
    message += name + "=" + value + "\n";
    return;
  }
  message += name + "\n";
  std::uint64_t size = value.size();
  for (int i = 0; i < 8; ++i, size >>= 8) message += static_cast<char>(size & 0xff);
  message += value + "\n";
}

// An alert names its sinks: text["alert"] = "pager, siem".
bool wants(const SinkSettings& sink, const RecordEntry& entry) {
  if (!sink.alerts_only) return true;
  for (const std::string& name : split(entry.text("alert"), ',')) {
    if (trim(name) == sink.name) return true;
  }
  return false;
}

std::vector<std::string> sink_messages(const SinkSettings& sink,
                                       const std::vector<RecordEntry>& entries) {
  if (sink.kind == SinkKind::Webhook) return {webhook_body(entries)};
  std::vector<std::string> messages;
  for (const RecordEntry& entry : entries) {
    const bool datagram = sink.address.starts_with("udp://");
    messages.push_back(
        sink.kind == SinkKind::Journald
            ? journald_message(entry)
            : syslog_message(entry, datagram ? kLongestDatagram : std::string::npos));
  }
  return messages;
}

}  // namespace

bool SinkProgress::late(WallTime now) const {
  return !error.empty() || (behind != 0 && now - waiting_since > kLateAfter);
}

std::string syslog_message(const RecordEntry& entry, std::size_t longest) {
  const int priority = kAuditFacility * 8 + severity(entry);
  std::string message = "<" + std::to_string(priority) + ">1 " + header_field(entry.time_text, 32) +
                        " " + header_field(entry.host, 255) + " prodaccess - " +
                        header_field(entry.kind_name, 32) + " [prodaccess@32473";
  message += parameter("seq", std::to_string(entry.sequence));
  message += parameter("hash", entry.hash);
  message += parameter("person", entry.person);
  message += parameter("class", entry.identity);
  if (!entry.role.empty()) message += parameter("role", entry.role);
  if (!entry.grant.empty()) message += parameter("grant", entry.grant);
  for (const char* key : {"effect", "verdict"}) {
    if (const std::string value = entry.text(key); !value.empty()) message += parameter(key, value);
  }
  message += "] ";
  if (message.size() + entry.line.size() <= longest) return message + entry.line;
  return message + "record of " + std::to_string(entry.line.size()) +
         " bytes: too long for a datagram";
}

std::string journald_message(const RecordEntry& entry) {
  std::string message;
  add_field(message, "MESSAGE", entry.kind_name + " " + entry.summary());
  add_field(message, "PRIORITY", std::to_string(severity(entry)));
  add_field(message, "SYSLOG_IDENTIFIER", "prodaccess");
  add_field(message, "SYSLOG_FACILITY", std::to_string(kAuditFacility));
  add_field(message, "PRODACCESS_SEQ", std::to_string(entry.sequence));
  add_field(message, "PRODACCESS_HASH", entry.hash);
  add_field(message, "PRODACCESS_KIND", entry.kind_name);
  add_field(message, "PRODACCESS_PERSON", entry.person);
  add_field(message, "PRODACCESS_ROLE", entry.role);
  add_field(message, "PRODACCESS_GRANT", entry.grant);
  add_field(message, "PRODACCESS_RECORD", entry.line);
  return message;
}

std::string webhook_body(const std::vector<RecordEntry>& entries) {
  Json records = Json::array();
  for (const RecordEntry& entry : entries) records.push_back(entry.line);
  return canonical_json({{"first", entries.empty() ? 0 : entries.front().sequence},
                         {"last", entries.empty() ? 0 : entries.back().sequence},
                         {"records", records}});
}

std::string webhook_signature(std::string_view secret, WallTime time, std::string_view body) {
  const std::string seconds =
      std::to_string(std::chrono::floor<Seconds>(time).time_since_epoch().count());
  return "t=" + seconds + ",v1=" + hex(hmac_sha256(secret, seconds + "." + std::string(body)));
}

SinkRunner::SinkRunner(Files& files, const Clock& clock, std::filesystem::path ledger,
                       std::filesystem::path state)
    : files_(files), clock_(clock), ledger_(std::move(ledger)), state_(std::move(state)) {}

std::filesystem::path SinkRunner::file_of(const SinkSettings& sink, const char* suffix) const {
  return state_ / "sinks" / (sink.name + suffix);
}

SinkRunner::Cursor SinkRunner::read(const SinkSettings& sink) {
  Cursor cursor;
  const auto text = files_.read(file_of(sink, ".cursor"), Owner::Me);
  if (!text) return cursor;
  try {
    const Json json = parse_json_strictly(*text, "the cursor of a sink");
    cursor.position = {json.at("segment"), json.at("offset"), json.at("sequence")};
    cursor.failures = json.at("failures");
    cursor.next_try_ms = json.at("next_try_ms");
    cursor.error = json.at("error");
  } catch (const std::exception&) {
    return Cursor{};  // from the beginning: twice is better than never
  }
  return cursor;
}

void SinkRunner::write(const SinkSettings& sink, const Cursor& cursor) {
  files_.write(file_of(sink, ".cursor"), canonical_json({{"error", cursor.error},
                                                         {"failures", cursor.failures},
                                                         {"next_try_ms", cursor.next_try_ms},
                                                         {"offset", cursor.position.offset},
                                                         {"segment", cursor.position.segment},
                                                         {"sequence", cursor.position.sequence}}) +
                                             "\n");
}

SinkProgress SinkRunner::describe(const SinkSettings& sink, const Cursor& cursor) const {
  SinkProgress progress;
  progress.name = sink.name;
  progress.required = sink.required;
  progress.delivered = cursor.position.sequence;
  progress.error = cursor.error;
  progress.next_try = WallTime{Milliseconds{cursor.next_try_ms}};
  LedgerFollower follower(ledger_, cursor.position);
  follower.read_new([&](const RecordEntry& entry) {
    if (!wants(sink, entry)) return true;
    if (progress.behind++ == 0) progress.waiting_since = entry.time;
    return true;
  });
  return progress;
}

SinkProgress SinkRunner::progress(const SinkSettings& sink) { return describe(sink, read(sink)); }

SinkProgress SinkRunner::run(const SinkSettings& sink, SinkTransport& transport, bool now) {
  files_.make_folder(state_ / "sinks");
  std::unique_ptr<FileLock> held;
  try {
    held = files_.lock(file_of(sink, ".lock"), kOthersPatience);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Busy) throw;
    SinkProgress busy = progress(sink);
    busy.error = error.what();
    return busy;
  }
  return run_alone(sink, transport, now);
}

SinkProgress SinkRunner::run_alone(const SinkSettings& sink, SinkTransport& transport, bool now) {
  Cursor cursor = read(sink);
  const std::int64_t now_ms = clock_.wall_now().time_since_epoch().count();
  if (!now && now_ms < cursor.next_try_ms) return describe(sink, cursor);
  cursor.error.clear();
  do {
    LedgerFollower follower(ledger_, cursor.position);
    std::vector<RecordEntry> batch;
    std::size_t bytes = 0;
    follower.read_new([&](const RecordEntry& entry) {
      if (!wants(sink, entry)) return true;
      bytes += entry.line.size();
      batch.push_back(entry);
      return batch.size() < kBatch && bytes < kBatchBytes;
    });
    if (follower.position().sequence == cursor.position.sequence) break;
    try {
      if (!batch.empty()) transport.send(sink_messages(sink, batch));
      cursor.position = follower.position();
      cursor.failures = 0;
      cursor.next_try_ms = 0;
    } catch (const Error& error) {
      cursor.error = error.what();
      const auto wait = Milliseconds{std::min<std::int64_t>(
          std::int64_t{1000} << std::min<std::uint64_t>(cursor.failures, 20), 300'000)};
      ++cursor.failures;
      cursor.next_try_ms = now_ms + wait.count();
    }
    write(sink, cursor);
  } while (cursor.error.empty());
  return describe(sink, cursor);
}

}  // namespace prodaccess
