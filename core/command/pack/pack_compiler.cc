#include "core/command/pack/pack_compiler.h"

#include <algorithm>
#include <map>

#include "core/base/config_table.h"
#include "core/command/pack/pack_builder.h"
#include "core/command/pack/tool_compiler.h"

namespace prodaccess::pack {
namespace {

// Sorted by name, prefixes by falling length, so that the first that fits is the longest.
void sort_names(PackBuilder& builder) {
  std::sort(builder.names.begin(), builder.names.end(), [&](const ToolName& a, const ToolName& b) {
    if (a.prefix != b.prefix) return !a.prefix;
    if (a.prefix && a.name.length != b.name.length) return a.name.length > b.name.length;
    return builder.view(a.name) < builder.view(b.name);
  });
}

}  // namespace

std::string compile_packs(const std::vector<PackFile>& files, const ReadTable& read_table) {
  PackBuilder builder;
  builder.text("?");  // so that no option's id is 0
  std::vector<ConfigTable> documents;
  std::map<std::string, std::string> lists;
  for (const PackFile& file : files) {
    documents.push_back(parse_toml(file.text, file.name, ErrorCode::Policy));
    for (ConfigTable& list : documents.back().take_tables("option_list")) {
      const std::string name = list.require_string("name");
      list.take_string("source");
      if (!lists.emplace(name, list.require_string("options")).second) {
        list.fail("name", "an option_list of that name exists");
      }
      list.finish();
    }
  }
  const OptionScope::Lists find_list = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = lists.find(name);
    if (found == lists.end()) return std::nullopt;
    return found->second;
  };
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (ConfigTable& tool : documents[i].take_tables("tool")) {
      ToolCompiler(builder, find_list, read_table).compile(std::move(tool), files[i].name);
    }
    documents[i].finish();
  }
  sort_names(builder);
  return builder.finish();
}

}  // namespace prodaccess::pack
