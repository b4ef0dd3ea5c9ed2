// compile_packs: packs in TOML, made into one blob. The build and trusted configuration use the
// same code, so that one form serves both.
//
// Errors: Error{Policy}, "FILE:LINE:COLUMN: message".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess::pack {

struct PackFile {
  std::string name;  // for messages and listings
  std::string text;
};

// The content of a table (TAB-separated rows) that a pack names; absent: there is none.
using ReadTable = std::function<std::optional<std::string>(const std::string& name)>;

std::string compile_packs(const std::vector<PackFile>& files, const ReadTable& read_table);

}  // namespace prodaccess::pack
