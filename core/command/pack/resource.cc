#include "core/command/pack/resource.h"

#include <algorithm>

#include "core/base/text.h"

namespace prodaccess::pack {
namespace {

// The kind's own name, lower case, without version and group.
std::string kind_of(const PackBlob& blob, const ToolRecord& tool, std::string_view written) {
  const std::string word = to_lower(written.substr(0, written.find('.')));
  const auto kinds = blob.kinds(tool.kinds);
  const auto found = std::lower_bound(kinds.begin(), kinds.end(), word,
                                      [&](const KindRecord& kind, const std::string& name) {
                                        return blob.text(kind.alias) < name;
                                      });
  if (found != kinds.end() && blob.text(found->alias) == word) {
    return std::string(blob.text(found->kind));
  }
  return word;
}

}  // namespace

std::vector<Resource> resources_of(const PackBlob& blob, const ToolRecord& tool,
                                   std::span<const Value> operands) {
  std::vector<Resource> resources;
  if (operands.empty()) return resources;
  if (operands.front().text.find('/') != std::string_view::npos) {
    for (const Value& operand : operands) {
      const auto slash = operand.text.find('/');
      if (slash == std::string_view::npos) {  // not a resource; its kind cannot be told
        if (!operand.known) resources.push_back({"", "", false, false});
        continue;
      }
      resources.push_back({kind_of(blob, tool, operand.text.substr(0, slash)),
                           std::string(operand.text.substr(slash + 1)), operand.known || slash != 0,
                           operand.known});
    }
    return resources;
  }
  for (const std::string& one : split(operands.front().text, ',')) {
    const std::string kind = kind_of(blob, tool, one);
    const bool known = operands.front().known;
    if (operands.size() == 1) resources.push_back({kind, "", known, true});
    for (const Value& name : operands.subspan(1)) {
      resources.push_back({kind, std::string(name.text), known, name.known});
    }
  }
  return resources;
}

}  // namespace prodaccess::pack
