#include "core/ledger/export.h"

#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/base/version.h"

namespace prodaccess {
namespace {

constexpr int kProcessActivity = 1007;
constexpr int kAuthorizeSession = 3003;

// OCSF's own identifiers.
struct OcsfKind {
  int class_uid = 0;
  int category_uid = 0;
  int activity_id = 99;  // Other
};

OcsfKind ocsf_kind(const RecordEntry& entry) {
  const std::string action = entry.text("action");
  const bool command = action == "exec" || action == "preview" || !entry.command().empty();
  switch (entry.kind) {
    case RecordKind::Started: return {kProcessActivity, 1, 1};  // Launch
    case RecordKind::Ended: return {kProcessActivity, 1, 2};    // Terminate
    case RecordKind::Intent:
    case RecordKind::Refused:
      if (command) return {kProcessActivity, 1, 99};
      return {kAuthorizeSession, 3, 99};
    case RecordKind::Issued:
    case RecordKind::Stored: return {kAuthorizeSession, 3, 1};  // Assign Privileges
    case RecordKind::Revoked: return {kAuthorizeSession, 3, 99};
    default: return {0, 0, 99};
  }
}

int severity(const RecordEntry& entry) {
  constexpr int kInformational = 1;
  constexpr int kMedium = 3;
  constexpr int kHigh = 4;
  const std::string effect = entry.text("effect");
  if (entry.kind == RecordKind::Anomaly || entry.kind == RecordKind::Locked) return kHigh;
  if (effect == "destructive" || effect == "privilege" || effect == "exfil") return kHigh;
  if (entry.kind == RecordKind::Refused || entry.kind == RecordKind::Failed ||
      entry.kind == RecordKind::ClosedUnknown || effect == "opaque") {
    return kMedium;
  }
  return kInformational;
}

bool is_failure(const RecordEntry& entry) {
  return entry.kind == RecordKind::Failed || entry.kind == RecordKind::Refused ||
         entry.number("status").value_or(0) != 0;
}

std::string csv_field(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) {
    text.insert(text.begin(), '\'');
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string Exporter::name(const std::string& text) const {
  if (pseudonyms_ == nullptr || text.empty()) return text;
  const std::string hashed = pseudonyms_->value(text);
  return "p-" + hashed.substr(hashed.find(':') + 1, 16);
}

std::string Exporter::jsonl(const RecordEntry& entry) const {
  if (pseudonyms_ == nullptr) return entry.line;
  Json record = Json::parse(entry.line);
  record["actor"]["person"] = name(entry.person);
  record["actor"]["host"] = name(entry.host);
  record["actor"]["uid"] = 0;
  for (const char* key : {"approved_by", "requester", "person"}) {
    const auto found = record["data"].find(key);
    if (found != record["data"].end() && found->is_string()) *found = name(entry.text(key));
  }
  return canonical_json(record);
}

std::string Exporter::csv_heading() {
  return "seq,time,kind,person,class,uid,host,role,grant,session,action,command,effect,verdict,"
         "rule,targets,reason,ticket,status,ended_by,hash";
}

std::string Exporter::csv(const RecordEntry& entry) const {
  const auto status = entry.number("status");
  const std::vector<std::string> fields{
      std::to_string(entry.sequence),
      entry.time_text,
      entry.kind_name,
      name(entry.person),
      entry.identity,
      pseudonyms_ == nullptr ? std::to_string(entry.uid) : "",
      name(entry.host),
      entry.role,
      entry.grant,
      entry.session,
      entry.text("action"),
      entry.command(),
      entry.text("effect"),
      entry.text("verdict"),
      entry.text("rule"),
      join(entry.targets(), " "),
      entry.text("reason"),
      entry.text("ticket"),
      status ? std::to_string(*status) : "",
      entry.text("ended_by"),
      entry.hash,
  };
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    line += (i == 0 ? "" : ",") + csv_field(fields[i]);
  }
  return line;
}

Json Exporter::ocsf(const RecordEntry& entry) const {
  const OcsfKind kind = ocsf_kind(entry);
  const Json user = {{"name", name(entry.person)},
                     {"uid", pseudonyms_ == nullptr ? std::to_string(entry.uid) : ""}};
  Json event = {
      {"activity_id", kind.activity_id},
      {"category_uid", kind.category_uid},
      {"class_uid", kind.class_uid},
      {"device", {{"hostname", name(entry.host)}, {"type_id", 0}}},
      {"message", entry.kind_name + (entry.summary().empty() ? "" : ": " + entry.summary())},
      {"metadata",
       {{"log_name", "prodaccess-ledger"},
        {"product",
         {{"name", "prodaccess"}, {"vendor_name", "prodaccess"}, {"version", version()}}},
        {"sequence", entry.sequence},
        {"uid", entry.hash},
        {"version", "1.3.0"}}},
      {"severity_id", severity(entry)},
      {"status_id", is_failure(entry) ? 2 : 1},
      {"time", entry.time.time_since_epoch().count()},
      {"type_uid", kind.class_uid * 100 + kind.activity_id},
      {"unmapped",
       {{"class", entry.identity},
        {"data", entry.data()},
        {"grant", entry.grant},
        {"kind", entry.kind_name},
        {"role", entry.role},
        {"session", entry.session}}},
  };
  if (kind.class_uid == kProcessActivity) {
    event["actor"] = {{"user", user}};
    event["process"] = {{"cmd_line", entry.command()},
                        {"name", entry.text("program")},
                        {"pid", entry.number("pid").value_or(0)},
                        {"uid", entry.session}};
    if (const auto status = entry.number("status")) event["exit_code"] = *status;
  } else if (kind.class_uid == kAuthorizeSession) {
    event["user"] = user;
    event["session"] = {{"uid", entry.grant}};
    event["privileges"] = Json::array({entry.role});
  } else {
    event["actor"] = {{"user", user}};
  }
  return event;
}

}  // namespace prodaccess
