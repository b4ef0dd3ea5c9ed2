#include "core/command/pack/json_body.h"

#include <nlohmann/json.hpp>

#include "core/base/text.h"

namespace prodaccess::pack {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 32;

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) return value.empty() ? "{}" : "{...}";
  if (value.is_array()) return value.empty() ? "[]" : "[...]";
  return value.dump();
}

void collect(const Json& value, const std::vector<std::string>& path, std::size_t at,
             std::vector<std::string>& found) {
  if (at == path.size()) {
    found.push_back(text_of(value));
    return;
  }
  const std::string& key = path[at];
  if (key == "**") {
    collect(value, path, at + 1, found);
    if (value.is_structured()) {
      for (const Json& child : value) collect(child, path, at, found);
    }
    return;
  }
  if (value.is_array() && key == "*") {
    for (const Json& child : value) collect(child, path, at + 1, found);
    return;
  }
  // The shorthand writes a list of one without its brackets.
  if (key == "*" && !value.is_structured()) return collect(value, path, at + 1, found);
  if (!value.is_object()) return;
  const std::string wanted = to_lower(key);
  for (const auto& [name, child] : value.items()) {
    if (key == "*" || to_lower(name) == wanted) collect(child, path, at + 1, found);
  }
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// "BackupRetentionPeriod" as "backup-retention-period".
std::string option_name(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool after_small = i > 0 && !is_upper(name[i - 1]) && name[i - 1] != '-';
    const bool before_small = i > 0 && i + 1 < name.size() && !is_upper(name[i + 1]);
    if (is_upper(name[i]) && (after_small || before_small)) text += '-';
    text += name[i] == '_' ? '-' : name[i];
  }
  return to_lower(text);
}

std::string joined(std::string_view prefix, std::string_view name) {
  std::string path(prefix);
  if (!path.empty()) path += '.';
  return path + option_name(name);
}

// {"Key": "deletion_protection.enabled", "Value": "false"}
void pair(const Json& object, std::string_view prefix, std::vector<JsonMember>& members) {
  const Json* name = nullptr;
  const Json* value = nullptr;
  for (const auto& [key, child] : object.items()) {
    const std::string lower = to_lower(key);
    if (lower == "value") value = &child;
    if (child.is_string() && (lower == "key" || lower.ends_with("name"))) name = &child;
  }
  if (name == nullptr || value == nullptr) return;
  members.push_back({joined(prefix, name->get<std::string>()), text_of(*value)});
}

void flatten(const Json& value, const std::string& prefix, std::vector<JsonMember>& members) {
  if (value.is_array()) {
    for (const Json& child : value) flatten(child, prefix, members);
  }
  if (!value.is_object()) return;
  pair(value, prefix, members);
  for (const auto& [name, child] : value.items()) {
    std::string path = joined(prefix, name);
    members.push_back({path, text_of(child)});
    for (const Json& item : child.is_array() ? child : Json::array()) {
      if (!item.is_structured()) members.push_back({path, text_of(item)});
    }
    flatten(child, path, members);
  }
}

// The AWS CLI's shorthand: a=b,c={d=e},f=[g,h]. Anything else is no shorthand.
class Shorthand {
 public:
  explicit Shorthand(std::string_view text) : text_(text) {}

  std::optional<Json> parse() {
    Json result = pairs('\0', 0);
    if (failed_ || at_ != text_.size() || result.empty()) return std::nullopt;
    return result;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::string scalar(std::string_view ends) {
    if (peek() == '"' || peek() == '\'') {
      const char quote = text_[at_++];
      const auto end = text_.find(quote, at_);
      if (end == std::string_view::npos) {
        failed_ = true;
        return "";
      }
      const std::string value(text_.substr(at_, end - at_));
      at_ = end + 1;
      return value;
    }
    const auto end = std::min(text_.find_first_of(ends, at_), text_.size());
    const std::string value(trim(text_.substr(at_, end - at_)));
    at_ = end;
    return value;
  }

  Json value(int depth) {
    if (depth > kDeepest) failed_ = true;
    if (failed_) return {};
    if (peek() == '{') {
      ++at_;
      return closed(pairs('}', depth + 1), '}');
    }
    if (peek() == '[') {
      ++at_;
      Json list = Json::array();
      while (!failed_ && peek() != ']' && peek() != '\0') {
        list.push_back(value(depth + 1));
        if (peek() == ',') ++at_;
      }
      return closed(std::move(list), ']');
    }
    return scalar(",}]");
  }

  Json closed(Json value, char end) {
    if (peek() == end) {
      ++at_;
    } else {
      failed_ = true;
    }
    return value;
  }

  Json pairs(char end, int depth) {
    Json object = Json::object();
    while (!failed_ && peek() != end && peek() != '\0') {
      const std::string key = scalar("=,{}[]");
      if (peek() != '=' || key.empty()) {
        failed_ = true;
        break;
      }
      ++at_;
      Json first = value(depth);
      // key=a,b,c: a list, as long as no new key begins.
      while (!failed_ && peek() == ',' && !next_is_key()) {
        ++at_;
        if (!first.is_array()) first = Json::array({first});
        first.push_back(value(depth));
      }
      object[key] = std::move(first);
      if (peek() == ',') ++at_;
    }
    return object;
  }

  bool next_is_key() const {
    const auto end = text_.find_first_of("=,{}[]", at_ + 1);
    return end == std::string_view::npos ? at_ + 1 >= text_.size() : text_[end] == '=';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// Deeper than any request is written, or not JSON: absent.
std::optional<Json> parse(std::string_view body) {
  const std::string_view trimmed = trim(body);
  int depth = 0;
  for (const char c : trimmed) {
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > kDeepest) return std::nullopt;
  }
  Json value = Json::parse(trimmed, nullptr, false);
  if (!value.is_discarded()) return value;
  return Shorthand(trimmed).parse();
}

}  // namespace

std::optional<std::vector<std::string>> json_values(std::string_view body, std::string_view path) {
  const auto value = parse(body);
  if (!value) return std::nullopt;
  std::vector<std::string> found;
  collect(*value, split(path, '.'), 0, found);
  return found;
}

std::optional<std::vector<JsonMember>> json_members(std::string_view body,
                                                    std::string_view prefix) {
  const auto value = parse(body);
  if (!value) return std::nullopt;
  std::vector<JsonMember> members;
  flatten(*value, std::string(prefix), members);
  return members;
}

}  // namespace prodaccess::pack
