#include "providers/plugin/plugin_protocol.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestLine = 1024;
constexpr std::size_t kLongestField = 64U << 10;
constexpr std::size_t kMostEntries = 64;
constexpr std::size_t kMostQuestions = 8;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::Provider, "the reply is not as prodaccess-provider(7) says: " + what);
}

// Json keeps its strings in ordinary memory; this leaves nothing of them there.
void wipe_strings(Json& value) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    wipe(text.data(), text.size());
  } else if (value.is_structured()) {
    for (auto& inner : value) wipe_strings(inner);
  }
}

struct WipedJson {
  Json value;
  explicit WipedJson(Json taken) : value(std::move(taken)) {}
  WipedJson(const WipedJson&) = delete;
  WipedJson& operator=(const WipedJson&) = delete;
  ~WipedJson() { wipe_strings(value); }
};

// A key that is no plain word may be anything, also what must not be shown.
std::string quoted_if_plain(const std::string& key) {
  const bool plain =
      key.size() <= 24 && key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
  return plain ? " '" + key + "'" : "";
}

// An object whose every key must be taken.
class Members {
 public:
  Members(const Json& object, std::string what) : object_(object), what_(std::move(what)) {
    if (!object_.is_object()) refuse(what_ + " must be an object");
  }

  const Json* take(const std::string& key) {
    taken_.insert(key);
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  // One line of text, for people or machines.
  std::optional<std::string> line(const std::string& key) {
    const Json* value = take(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) refuse("'" + key + "' must be a string");
    auto text = value->get<std::string>();
    const bool control = std::any_of(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    if (control || text.size() > kLongestLine) refuse("'" + key + "' must be one short line");
    return text;
  }
  std::string required_line(const std::string& key) {
    auto text = line(key);
    if (!text || text->empty()) refuse("'" + key + "' is missing");
    return *text;
  }
  std::optional<WallTime> time(const std::string& key) {
    const auto text = line(key);
    if (!text) return std::nullopt;
    const auto time = parse_rfc3339(*text);
    if (!time) refuse("'" + key + "' is not a time as RFC 3339 writes it");
    return time;
  }
  std::vector<std::string> lines(const std::string& key) {
    std::vector<std::string> texts;
    for (const Json& item : list(key)) {
      const Json member = {{key, item}};
      texts.push_back(Members(member, what_).required_line(key));
    }
    return texts;
  }
  Json list(const std::string& key) {
    const Json* value = take(key);
    if (value == nullptr) return Json::array();
    if (!value->is_array() || value->size() > kMostEntries) refuse("'" + key + "' must be a list");
    return *value;
  }
  bool flag(const std::string& key, bool otherwise) {
    const Json* value = take(key);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean()) refuse("'" + key + "' must be true or false");
    return value->get<bool>();
  }
  template <typename State>
  State choice(const std::string& key, const std::map<std::string, State>& choices) {
    const auto found = choices.find(required_line(key));
    if (found == choices.end()) refuse("'" + key + "' has an unknown value");
    return found->second;
  }
  bool has(const std::string& key) const { return object_.contains(key); }
  void finish() const {
    for (const auto& [key, value] : object_.items()) {
      if (!taken_.contains(key)) refuse(what_ + " has an unknown key" + quoted_if_plain(key));
    }
  }

 private:
  const Json& object_;
  std::string what_;
  std::set<std::string> taken_;
};

std::string field_text(const std::string& text) {
  return is_utf8(text) ? text : escape_for_terminal(text);
}

Json fields_json(const SecretFields& fields) {
  Json object = Json::object();
  for (const auto& [name, value] : fields) object[name] = std::string(value.view());
  return object;
}

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && (name[0] < '0' || name[0] > '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                  (c >= 'a' && c <= 'z');
         });
}

SecretFields read_fields(const Json* object) {
  if (object == nullptr || !object->is_object() || object->empty()) {
    refuse("'fields' must be an object with at least one field");
  }
  if (object->size() > kMostEntries) refuse("'fields' has too many fields");
  SecretFields fields;
  for (const auto& [name, value] : object->items()) {
    if (!is_field_name(name)) refuse("'fields' has a name that is not letters, digits and _");
    if (!value.is_string()) refuse("the field '" + name + "' must be a string");
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty() || text.size() > kLongestField || text.find('\0') != std::string::npos) {
      refuse("the field '" + name + "' is empty, too long or has a NUL in it");
    }
    fields.emplace(name, Secret(text));
  }
  return fields;
}

IssuedDescription read_words(Members& reply) {
  return {reply.required_line("target"), reply.line("identity").value_or(""), reply.lines("notes")};
}

PluginReply read_description(Members& reply) {
  PluginDescription description{read_words(reply), std::nullopt};
  if (const auto narrowed = reply.line("narrowed")) {
    description.narrowed = parse_effect(*narrowed);
    if (!description.narrowed) refuse("'narrowed' is no effect");
  }
  return description;
}

PluginReply read_issued(Members& reply) {
  PluginIssued issued;
  issued.handle = reply.required_line("handle");
  if (!is_utf8(issued.handle) || escape_for_terminal(issued.handle) != issued.handle) {
    refuse("'handle' must be plain text");
  }
  const auto expires_at = reply.time("expires_at");
  if (!expires_at) refuse("'expires_at' is missing");
  issued.expires_at = *expires_at;
  issued.fields = read_fields(reply.take("fields"));
  if (reply.has("target")) issued.words = read_words(reply);
  // All of these are recorded and shown, so they must not give anything away. Short fields (a
  // user's name, a host) may well be part of them.
  const auto holds = [](const std::string& text, const Secret& value) {
    return text.find(value.view()) != std::string::npos;
  };
  for (const auto& [name, value] : issued.fields) {
    if (value.size() < 8 || name == "username") continue;
    if (holds(issued.handle, value)) {
      refuse("'handle' holds the field '" + name + "', but it is recorded and shown");
    }
    if (!issued.words) continue;
    for (const std::string& note : issued.words->notes) {
      if (holds(note, value)) refuse("a note holds the field '" + name + "', but it is shown");
    }
    if (value.size() >= 16 &&
        (holds(issued.words->target, value) || holds(issued.words->identity, value))) {
      refuse("its words hold the field '" + name + "', but they are shown");
    }
  }
  return issued;
}

PluginReply read_outcome(Members& reply) {
  using State = RevokeOutcome::State;
  RevokeOutcome outcome;
  outcome.state = reply.choice<State>("state", {{"revoked", State::Revoked},
                                                {"not_revocable", State::NotRevocable},
                                                {"failed", State::Failed}});
  outcome.detail = reply.line("detail").value_or("");
  outcome.alive_until = reply.time("alive_until");
  return outcome;
}

PluginReply read_findings(Members& reply) {
  using State = ProbeFinding::State;
  std::vector<ProbeFinding> findings;
  for (const Json& item : reply.list("findings")) {
    Members finding(item, "a finding");
    const auto state = finding.choice<State>(
        "state", {{"good", State::Good}, {"warning", State::Warning}, {"bad", State::Bad}});
    findings.push_back({state, finding.required_line("subject"),
                        finding.line("detail").value_or(""), finding.line("hint").value_or("")});
    finding.finish();
  }
  if (findings.empty()) refuse("'findings' is missing or empty");
  return findings;
}

PluginReply read_questions(Members& reply) {
  PluginQuestions asked;
  for (const Json& item : reply.list("ask")) {
    Members question(item, "a question");
    asked.questions.push_back({question.required_line("name"), question.required_line("question"),
                               question.flag("secret", true)});
    question.finish();
    if (!is_field_name(asked.questions.back().name))
      refuse("a question's name is not a plain word");
  }
  if (asked.questions.empty() || asked.questions.size() > kMostQuestions) {
    refuse("'ask' must hold 1 to 8 questions");
  }
  return asked;
}

PluginReply read_failure(const Json& value) {
  Members error(value, "'error'");
  PluginFailure failure{error.required_line("message"), error.lines("hints")};
  error.finish();
  return failure;
}

PluginReply read_members(PluginOperation operation, Members& reply) {
  if (const Json* error = reply.take("error")) return read_failure(*error);
  if (reply.flag("unsupported", false)) return PluginUnsupported{};
  if (reply.has("ask")) return read_questions(reply);
  switch (operation) {
    case PluginOperation::Describe: return read_description(reply);
    case PluginOperation::Issue:
    case PluginOperation::Renew: return read_issued(reply);
    case PluginOperation::Revoke: return read_outcome(reply);
    case PluginOperation::Probe: return read_findings(reply);
  }
  refuse("there is no such operation");
}

}  // namespace

std::string_view plugin_operation_name(PluginOperation operation) {
  switch (operation) {
    case PluginOperation::Describe: return "describe";
    case PluginOperation::Issue: return "issue";
    case PluginOperation::Renew: return "renew";
    case PluginOperation::Revoke: return "revoke";
    case PluginOperation::Probe: return "probe";
  }
  return "describe";
}

Secret write_plugin_request(const PluginRequest& request) {
  WipedJson json(Json{{"protocol", request.protocol},
                      {"operation", plugin_operation_name(request.operation)},
                      {"role", field_text(request.role)},
                      {"parameters", Json::parse(request.parameters_json)}});
  if (request.until) {
    json.value["person"] = field_text(request.person);
    json.value["grant"] = request.grant;
    json.value["reason"] = field_text(request.reason);
    json.value["ticket"] = field_text(request.ticket);
    json.value["tier"] = tier_name(request.tier);
    json.value["until"] = format_rfc3339(std::chrono::floor<std::chrono::seconds>(*request.until));
  }
  if (!request.handle.empty()) json.value["handle"] = request.handle;
  if (request.fields != nullptr) json.value["fields"] = fields_json(*request.fields);
  if (request.answers != nullptr && !request.answers->empty()) {
    json.value["answers"] = fields_json(*request.answers);
  }
  std::string text = canonical_json(json.value);
  Secret line(text.size() + 1);
  std::copy(text.begin(), text.end(), line.data());
  line.data()[text.size()] = '\n';
  wipe(text.data(), text.size());
  return line;
}

PluginReply read_plugin_reply(PluginOperation operation, std::string_view text) {
  const WipedJson json(parse_json_strictly(text, "the reply"));
  Members reply(json.value, "the reply");
  const Json* protocol = reply.take("protocol");
  if (protocol == nullptr || *protocol != kPluginProtocol) {
    refuse("'protocol' must be " + std::to_string(kPluginProtocol));
  }
  PluginReply read = read_members(operation, reply);
  reply.finish();
  return read;
}

bool is_variable_field(std::string_view name) {
  return is_field_name(name) &&
         std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace prodaccess
