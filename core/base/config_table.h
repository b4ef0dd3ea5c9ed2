// ConfigTable: a TOML table read strictly. Every key must be taken; what is left is an error that
// names file, line and column, as does a value of the wrong type or form.
//
//   ConfigTable table = parse_toml(text, "/etc/prodaccess/config.toml", ErrorCode::Config);
//   const auto ttl = table.take_duration("ttl_max");
//   table.finish();     // throws for any key nobody took, naming the nearest known one
//
// The same table may be held by a Role until its provider takes its own keys (`check`).
// Errors: Error{code given to parse_toml}, "FILE:LINE:COLUMN: message".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"

namespace prodaccess {

struct SourcePosition {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  std::string text() const;  // "FILE:LINE:COLUMN"
};

class ConfigTable {
 public:
  ConfigTable();  // an empty table
  ~ConfigTable();
  ConfigTable(const ConfigTable&);
  ConfigTable& operator=(const ConfigTable&);
  ConfigTable(ConfigTable&&) noexcept;
  ConfigTable& operator=(ConfigTable&&) noexcept;

  // Absent keys give an empty optional (or list); a wrong type throws.
  std::optional<std::string> take_string(std::string_view key);
  std::optional<std::int64_t> take_integer(std::string_view key);
  std::optional<bool> take_bool(std::string_view key);
  std::optional<Seconds> take_duration(std::string_view key);
  std::vector<std::string> take_strings(std::string_view key);
  std::optional<ConfigTable> take_table(std::string_view key);
  // An array of tables: [[rule]].
  std::vector<ConfigTable> take_tables(std::string_view key);
  // As take_string, but one of `allowed`.
  std::optional<std::string> take_choice(std::string_view key,
                                         const std::vector<std::string>& allowed);
  std::string require_string(std::string_view key);
  // All keys not taken yet, as one JSON object, for whoever defines them elsewhere (a plug-in).
  // Canonical. Strings, whole numbers, booleans, and lists and tables of them; others throw.
  std::string take_rest_as_json();

  bool has(std::string_view key) const;
  bool is_table(std::string_view key) const;
  bool is_array(std::string_view key) const;
  // The keys not taken yet, in the order of the file.
  std::vector<std::string> keys() const;
  bool empty() const;
  SourcePosition position() const;
  SourcePosition position(std::string_view key) const;

  // Throws if a key is left.
  void finish() const;
  // Throws `message` at the place of `key` (of the table where it has no such key).
  [[noreturn]] void fail(std::string_view key, const std::string& message,
                         std::vector<std::string> hints = {}) const;

 private:
  friend ConfigTable parse_toml(std::string_view, const std::string&, ErrorCode);
  struct State;
  explicit ConfigTable(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

ConfigTable parse_toml(std::string_view text, const std::string& file, ErrorCode code);

}  // namespace prodaccess
