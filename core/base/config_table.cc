#include "core/base/config_table.h"

// Text such as "[=]" breaks an assertion of toml++ 3.3, which then refuses it as it should.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {

std::string SourcePosition::text() const {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

struct ConfigTable::State {
  std::shared_ptr<const toml::table> root;  // owns the nodes
  const toml::table* table = nullptr;
  std::string file;
  ErrorCode code = ErrorCode::Config;
  std::set<std::string, std::less<>> taken;

  SourcePosition place(const toml::source_region& region) const {
    return {file, region.begin.line, region.begin.column};
  }

  // The node under `key`, counted as taken.
  const toml::node* take(std::string_view key) {
    taken.emplace(key);
    return table == nullptr ? nullptr : table->get(key);
  }

  [[noreturn]] void fail_at(const SourcePosition& where, const std::string& message,
                            std::vector<std::string> hints = {}) const {
    throw Error(code, where.text() + ": " + message, std::move(hints));
  }

  [[noreturn]] void wrong_type(std::string_view key, const toml::node& node,
                               std::string_view wanted) const {
    fail_at(place(node.source()), "'" + std::string(key) + "' must be " + std::string(wanted));
  }

  Json to_json(std::string_view key, const toml::node& node) const {
    if (const auto* text = node.as_string()) {
      if (!is_utf8(text->get())) wrong_type(key, node, "valid UTF-8");
      return text->get();
    }
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* truth = node.as_boolean()) return truth->get();
    if (const auto* list = node.as_array()) {
      Json values = Json::array();
      for (const toml::node& item : *list) values.push_back(to_json(key, item));
      return values;
    }
    const auto* inner = node.as_table();
    if (inner == nullptr) wrong_type(key, node, "text, a whole number, true or false, or a list");
    Json object = Json::object();
    for (const auto& [name, item] : *inner)
      object[std::string(name.str())] = to_json(name.str(), item);
    return object;
  }

  ConfigTable child(const toml::table& inner) const {
    auto state = std::make_unique<State>();
    state->root = root;
    state->table = &inner;
    state->file = file;
    state->code = code;
    return ConfigTable(std::move(state));
  }
};

ConfigTable::ConfigTable() : state_(std::make_unique<State>()) {}
ConfigTable::ConfigTable(std::unique_ptr<State> state) : state_(std::move(state)) {}
ConfigTable::~ConfigTable() = default;
ConfigTable::ConfigTable(const ConfigTable& other)
    : state_(std::make_unique<State>(*other.state_)) {}
ConfigTable& ConfigTable::operator=(const ConfigTable& other) {
  if (this != &other) state_ = std::make_unique<State>(*other.state_);
  return *this;
}
ConfigTable::ConfigTable(ConfigTable&&) noexcept = default;
ConfigTable& ConfigTable::operator=(ConfigTable&&) noexcept = default;

std::optional<std::string> ConfigTable::take_string(std::string_view key) {
  const toml::node* node = state_->take(key);
  if (node == nullptr) return std::nullopt;
  const auto* value = node->as_string();
  if (value == nullptr) state_->wrong_type(key, *node, "a string");
  return value->get();
}

std::optional<std::int64_t> ConfigTable::take_integer(std::string_view key) {
  const toml::node* node = state_->take(key);
  if (node == nullptr) return std::nullopt;
  const auto* value = node->as_integer();
  if (value == nullptr) state_->wrong_type(key, *node, "a whole number");
  return value->get();
}

std::optional<bool> ConfigTable::take_bool(std::string_view key) {
  const toml::node* node = state_->take(key);
  if (node == nullptr) return std::nullopt;
  const auto* value = node->as_boolean();
  if (value == nullptr) state_->wrong_type(key, *node, "true or false");
  return value->get();
}

std::optional<Seconds> ConfigTable::take_duration(std::string_view key) {
  const auto text = take_string(key);
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (!duration) {
    fail(key, "'" + std::string(key) + "' is not a duration: \"" + escape_for_terminal(*text) +
                  "\" (write 30m, 1h30m, 2d)");
  }
  return duration;
}

std::vector<std::string> ConfigTable::take_strings(std::string_view key) {
  const toml::node* node = state_->take(key);
  if (node == nullptr) return {};
  const auto* array = node->as_array();
  if (array == nullptr) state_->wrong_type(key, *node, "a list of strings");
  std::vector<std::string> values;
  for (const toml::node& item : *array) {
    const auto* value = item.as_string();
    if (value == nullptr) state_->wrong_type(key, item, "a list of strings");
    values.push_back(value->get());
  }
  return values;
}

std::optional<ConfigTable> ConfigTable::take_table(std::string_view key) {
  const toml::node* node = state_->take(key);
  if (node == nullptr) return std::nullopt;
  const auto* inner = node->as_table();
  if (inner == nullptr) state_->wrong_type(key, *node, "a table");
  return state_->child(*inner);
}

std::vector<ConfigTable> ConfigTable::take_tables(std::string_view key) {
  const toml::node* node = state_->take(key);
  if (node == nullptr) return {};
  const auto* array = node->as_array();
  if (array == nullptr) state_->wrong_type(key, *node, "a list of tables");
  std::vector<ConfigTable> tables;
  for (const toml::node& item : *array) {
    const auto* inner = item.as_table();
    if (inner == nullptr) state_->wrong_type(key, item, "a list of tables");
    tables.push_back(state_->child(*inner));
  }
  return tables;
}

std::optional<std::string> ConfigTable::take_choice(std::string_view key,
                                                    const std::vector<std::string>& allowed) {
  auto value = take_string(key);
  if (!value) return std::nullopt;
  for (const std::string& choice : allowed) {
    if (choice == *value) return value;
  }
  fail(key, "'" + std::string(key) + "' must be one of " + join(allowed, ", "));
}

std::string ConfigTable::require_string(std::string_view key) {
  auto value = take_string(key);
  if (!value) fail(key, "'" + std::string(key) + "' is missing");
  return *value;
}

std::string ConfigTable::take_rest_as_json() {
  Json object = Json::object();
  for (const std::string& key : keys()) object[key] = state_->to_json(key, *state_->take(key));
  return canonical_json(object);
}

bool ConfigTable::has(std::string_view key) const {
  return state_->table != nullptr && state_->table->contains(key);
}

bool ConfigTable::is_table(std::string_view key) const {
  return has(key) && state_->table->get(key)->is_table();
}

bool ConfigTable::is_array(std::string_view key) const {
  return has(key) && state_->table->get(key)->is_array();
}

std::vector<std::string> ConfigTable::keys() const {
  std::vector<std::pair<toml::source_position, std::string>> found;
  if (state_->table != nullptr) {
    for (const auto& [key, node] : *state_->table) {
      if (state_->taken.find(key.str()) == state_->taken.end()) {
        found.emplace_back(key.source().begin, std::string(key.str()));
      }
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  names.reserve(found.size());
  for (auto& [place, name] : found) names.push_back(std::move(name));
  return names;
}

bool ConfigTable::empty() const { return state_->table == nullptr || state_->table->empty(); }

SourcePosition ConfigTable::position() const {
  if (state_->table == nullptr) return {state_->file, 0, 0};
  return state_->place(state_->table->source());
}

SourcePosition ConfigTable::position(std::string_view key) const {
  if (!has(key)) return position();
  return state_->place(state_->table->find(key)->first.source());
}

void ConfigTable::finish() const {
  const auto left = keys();
  if (left.empty()) return;
  std::string message = "unknown key '" + escape_for_terminal(left.front()) + "'";
  const std::vector<std::string> known(state_->taken.begin(), state_->taken.end());
  std::vector<std::string> hints;
  if (const auto guess = nearest(left.front(), known))
    hints.push_back("did you mean '" + *guess + "'?");
  fail(left.front(), message, std::move(hints));
}

void ConfigTable::fail(std::string_view key, const std::string& message,
                       std::vector<std::string> hints) const {
  state_->fail_at(position(key), message, std::move(hints));
}

ConfigTable parse_toml(std::string_view text, const std::string& file, ErrorCode code) {
  auto state = std::make_unique<ConfigTable::State>();
  state->file = file;
  state->code = code;
  try {
    state->root = std::make_shared<const toml::table>(toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    state->fail_at(state->place(error.source()),
                   escape_for_terminal(std::string(error.description())));
  }
  state->table = state->root.get();
  return ConfigTable(std::move(state));
}

}  // namespace prodaccess
