// The text of a statement: one line of canonical JSON, and the file around it.
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/policy/approval.h"

namespace prodaccess {
namespace {

constexpr std::string_view kType = "prodaccess-approval@v1";
constexpr std::size_t kLargestFile = 4U << 20;
constexpr std::size_t kMostSignatures = 64;

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::Denied, "this is no approval: " + why);
}

// JSON holds UTF-8; other words stand as their bytes in hexadecimal.
Json word_json(const std::string& word) {
  if (is_utf8(word)) return word;
  return {{"hex", hex(word)}};
}

std::string word_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || json.size() != 1 || !json.contains("hex") || !json["hex"].is_string()) {
    refuse("argv holds something else than words");
  }
  const auto bytes = unhex(json["hex"].get<std::string>());
  if (!bytes) refuse("argv holds something else than words");
  return *bytes;
}

// Fields beside argv are for people, or come from configuration: what is not UTF-8 is escaped.
Json text_json(const std::string& text) { return is_utf8(text) ? text : escape_for_terminal(text); }

Json preview_json(const PreviewSummary& preview) {
  Json items = Json::array();
  for (const auto& item : preview.items) {
    items.push_back({word_json(item.operation), word_json(item.target)});
  }
  Json counts = Json::array();
  for (const auto& [operation, count] : preview.counts) {
    counts.push_back({word_json(operation), count});
  }
  return {{"items", std::move(items)}, {"counts", std::move(counts)}};
}

// The keys of an object, each taken once and all of them.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {
    if (!object.is_object()) refuse("it is no JSON object");
  }

  const Json& at(const char* key) {
    const auto found = object_.find(key);
    if (found == object_.end()) refuse(std::string("it has no ") + key);
    ++taken_;
    return *found;
  }
  std::string text(const char* key) {
    const Json& value = at(key);
    if (!value.is_string()) refuse(std::string(key) + " is no text");
    return value.get<std::string>();
  }
  std::int64_t number(const char* key, std::int64_t most) {
    const Json& value = at(key);
    const bool fits = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
    if (!fits) refuse(std::string(key) + " is no such number");
    return value.get<std::int64_t>();
  }
  WallTime time(const char* key) {
    const auto time = parse_rfc3339(text(key));
    if (!time) refuse(std::string(key) + " is no time");
    return *time;
  }
  // For keys that came later, and are left out where there is nothing to say.
  bool has(const char* key) const { return object_.contains(key); }
  void finish() const {
    if (taken_ != object_.size()) refuse("it has a key that this version does not know");
  }

 private:
  const Json& object_;
  std::size_t taken_ = 0;
};

PreviewSummary preview_of(const Json& json) {
  Fields fields(json);
  const Json& items = fields.at("items");
  const Json& counts = fields.at("counts");
  fields.finish();
  if (!items.is_array() || !counts.is_array()) refuse("its preview is malformed");
  PreviewSummary preview;
  for (const Json& item : items) {
    if (!item.is_array() || item.size() != 2) refuse("its preview is malformed");
    preview.items.insert({word_of(item[0]), word_of(item[1])});
  }
  for (const Json& entry : counts) {
    if (!entry.is_array() || entry.size() != 2 || !entry[1].is_number_unsigned() ||
        entry[1].get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
      refuse("its preview is malformed");
    }
    preview.counts[word_of(entry[0])] = entry[1].get<std::int64_t>();
  }
  return preview;
}

// Pairs, since a name need not be UTF-8.
Json pairs_json(const std::map<std::string, std::string>& pairs) {
  Json list = Json::array();
  for (const auto& [name, value] : pairs) list.push_back({word_json(name), word_json(value)});
  return list;
}

std::map<std::string, std::string> pairs_of(const Json& json) {
  if (!json.is_array()) refuse("its files or variables are malformed");
  std::map<std::string, std::string> pairs;
  for (const Json& pair : json) {
    if (!pair.is_array() || pair.size() != 2) refuse("its files or variables are malformed");
    pairs.emplace(word_of(pair[0]), word_of(pair[1]));
  }
  return pairs;
}

void read_command(Fields& fields, ApprovalStatement& statement) {
  const Json& argv = fields.at("argv");
  if (!argv.is_array() || argv.empty()) refuse("argv is no list of words");
  for (const Json& word : argv) statement.argv.push_back(word_of(word));
  statement.program = fields.text("program");
  if (fields.has("folder")) statement.folder = fields.text("folder");
  if (fields.has("files")) statement.files = pairs_of(fields.at("files"));
  if (fields.has("variables")) statement.variables = pairs_of(fields.at("variables"));
  statement.effect = fields.text("effect");
  statement.preview = preview_of(fields.at("preview"));
  if (fields.text("argv_sha256") != argv_digest(statement.argv) ||
      fields.text("preview_sha256") != statement.preview.hash()) {
    refuse("what it shows is not what it binds");
  }
}

Json to_json(const ApprovalStatement& statement) {
  Json json{{"type", kType},
            {"kind", approval_kind_name(statement.kind)},
            {"role", text_json(statement.role)},
            {"account", text_json(statement.account)},
            {"rule", text_json(statement.rule)},
            {"rules_sha256", statement.rules_digest},
            {"machine", text_json(statement.machine)},
            {"uid", statement.uid},
            {"requester", text_json(statement.requester)},
            {"reason", text_json(statement.reason)},
            {"ticket", text_json(statement.ticket)},
            {"not_before", format_rfc3339(statement.not_before)},
            {"not_after", format_rfc3339(statement.not_after)},
            {"nonce", statement.nonce}};
  if (statement.kind != ApprovalKind::Command) {
    json["ttl"] = statement.ttl.count();
    if (statement.kind == ApprovalKind::Review) json["grant"] = text_json(statement.grant);
    return json;
  }
  json["argv"] = Json::array();
  for (const std::string& word : statement.argv) json["argv"].push_back(word_json(word));
  json["argv_sha256"] = argv_digest(statement.argv);
  json["program"] = text_json(statement.program);
  if (!statement.folder.empty()) json["folder"] = text_json(statement.folder);
  if (!statement.files.empty()) json["files"] = pairs_json(statement.files);
  if (!statement.variables.empty()) json["variables"] = pairs_json(statement.variables);
  json["effect"] = text_json(statement.effect);
  json["preview"] = preview_json(statement.preview);
  json["preview_sha256"] = statement.preview.hash();
  return json;
}

ApprovalKind kind_of(const std::string& name) {
  for (const auto kind : {ApprovalKind::Command, ApprovalKind::Role, ApprovalKind::Review}) {
    if (approval_kind_name(kind) == name) return kind;
  }
  refuse("its kind is unknown");
}

ApprovalStatement from_json(const Json& json) {
  Fields fields(json);
  if (fields.text("type") != kType) refuse("its type is not " + std::string(kType));
  ApprovalStatement statement;
  statement.kind = kind_of(fields.text("kind"));
  statement.role = fields.text("role");
  statement.account = fields.text("account");
  statement.rule = fields.text("rule");
  statement.rules_digest = fields.text("rules_sha256");
  statement.machine = fields.text("machine");
  statement.uid =
      static_cast<std::uint32_t>(fields.number("uid", std::numeric_limits<std::uint32_t>::max()));
  statement.requester = fields.text("requester");
  statement.reason = fields.text("reason");
  statement.ticket = fields.text("ticket");
  statement.not_before = fields.time("not_before");
  statement.not_after = fields.time("not_after");
  statement.nonce = fields.text("nonce");
  if (statement.nonce.size() != 32 || !unhex(statement.nonce)) refuse("its nonce is malformed");
  if (statement.kind == ApprovalKind::Command) {
    read_command(fields, statement);
  } else {
    statement.ttl = Seconds{fields.number("ttl", 10'000LL * 86'400)};
    if (statement.kind == ApprovalKind::Review) statement.grant = fields.text("grant");
  }
  fields.finish();
  return statement;
}

}  // namespace

std::string_view approval_kind_name(ApprovalKind kind) {
  switch (kind) {
    case ApprovalKind::Command: return "command";
    case ApprovalKind::Role: return "role";
    case ApprovalKind::Review: break;
  }
  return "review";
}

std::string statement_line(const ApprovalStatement& statement) {
  return canonical_json(to_json(statement)) + "\n";
}

ApprovalStatement parse_statement(std::string_view line) {
  Json json;
  try {
    json = parse_json_strictly(line, "the statement");
  } catch (const Error& error) {
    refuse(error.what());
  }
  ApprovalStatement statement = from_json(json);
  if (statement_line(statement) != line) refuse("it is not in canonical form");
  return statement;
}

std::string argv_digest(const std::vector<std::string>& argv) {
  Sha256 hash;
  for (const std::string& word : argv) {
    hash.update(std::to_string(word.size())).update(":").update(word);
  }
  return hex(hash.finish());
}

ApprovalFile parse_approval_file(std::string_view text) {
  if (text.size() > kLargestFile) refuse("it is too large");
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) refuse("its first line does not end");
  ApprovalFile file;
  file.line = text.substr(0, end + 1);
  file.statement = parse_statement(file.line);
  file.signatures = find_armored(text.substr(end + 1));
  if (file.signatures.size() > kMostSignatures) refuse("it has too many signatures");
  return file;
}

}  // namespace prodaccess
