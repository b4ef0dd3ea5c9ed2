#include "core/command/steering.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/base/text.h"
#include "core/command/pack/word_list.h"

namespace prodaccess {
namespace {

using Environment = std::map<std::string, std::string, std::less<>>;

std::optional<std::string> value_of(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  if (found == environment.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

void add_file(std::string_view file, const Environment& environment, Steering& steering) {
  if (file.starts_with('$')) {
    const std::size_t bar = std::min(file.find('|'), file.size());
    const auto paths = value_of(environment, file.substr(1, bar - 1));
    if (!paths && bar + 1 < file.size()) {
      return add_file(file.substr(bar + 1), environment, steering);
    }
    if (!paths) return;
    for (const std::string& path : split(*paths, ':')) {
      if (!path.empty()) steering.files.insert(path);
    }
    return;
  }
  if (file.starts_with("~/")) {
    const auto home = value_of(environment, "HOME");
    if (home) steering.files.insert(*home + std::string(file.substr(1)));
    return;
  }
  steering.files.insert(std::string(file));
}

void add_tool(const PackSet::SteeredBy& by, const Environment& environment, Steering& steering) {
  for (const std::string& pattern : pack::word_list(by.variables)) {
    for (const auto& [name, value] : environment) {
      if (glob_match(pattern, name)) steering.variables.emplace(name, value);
    }
  }
  for (const std::string& file : pack::word_list(by.files)) add_file(file, environment, steering);
}

// A word may be a path, or carry one: --file=PATH, KEY=@PATH, file://PATH.
void add_named_files(const Invocation& part, Steering& steering) {
  for (const std::string& word : part.argv) {
    std::string_view path = word;
    if (path.starts_with('-')) {
      const std::size_t equals = path.find('=');
      if (equals == std::string_view::npos) continue;
      path.remove_prefix(equals + 1);
    }
    for (const std::string_view sign : {"@", "file://", "fileb://"}) {
      if (path.starts_with(sign)) path.remove_prefix(sign.size());
    }
    if (!path.empty()) steering.files.insert(std::string(path));
  }
}

void collect(const Invocation& part, const PackSet& packs, const Environment& environment,
             Steering& steering) {
  if (!part.tool.empty()) add_tool(packs.steered_by(part.tool), environment, steering);
  const bool is_planned = part.preview.kind == PreviewKind::Plan;  // the plan says it all
  if (!is_planned &&
      (part.effect == Effect::Opaque || part.opaque_cause != OpaqueCause::NotOpaque)) {
    add_named_files(part, steering);
  }
  for (const Invocation& inner : part.parts) collect(inner, packs, environment, steering);
}

}  // namespace

Steering steering_of(const Invocation& invocation, const PackSet& packs,
                     const Environment& environment) {
  Steering steering;
  collect(invocation, packs, environment, steering);
  return steering;
}

}  // namespace prodaccess
