#include "core/command/pack/environment_options.h"

#include <algorithm>
#include <string>

#include "core/command/pack/word_list.h"

namespace prodaccess::pack {

EnvironmentOptions::EnvironmentOptions(const PackBlob& blob, const Arguments& arguments,
                                       Inner& inner) {
  for (const VerbRecord* verb : arguments.path) {
    if (verb->detail == kNone) continue;
    for (const Text& name : blob.texts(blob.detail(verb->detail).environment)) {
      add(blob.text(name), blob.text(arguments.verb().path), inner);
    }
  }
}

Words EnvironmentOptions::joined(const Words& words, std::size_t dashes) const {
  Words all = words;
  const auto at = std::min(dashes, all.size());
  all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), added_.begin(), added_.end());
  return all;
}

void EnvironmentOptions::add(std::string_view name, std::string_view verb, Inner& inner) {
  std::string variable(name);
  if (const auto place = variable.find("{verb}"); place != std::string::npos) {
    std::string suffix(verb);
    std::replace(suffix.begin(), suffix.end(), ' ', '_');
    std::replace(suffix.begin(), suffix.end(), '-', '_');
    variable.replace(place, 6, suffix);
  }
  const auto value = inner.variable(variable);
  if (!value) return;
  for (std::string& text : word_list(*value)) added_.emplace_back(std::move(text));
  if (value->find_first_of("\"'\\$`") != std::string::npos) {
    // Quoting is the tool's own: what it makes of it is not followed.
    Word more;
    more.known = false;
    more.splits = true;
    added_.push_back(std::move(more));
  }
}

}  // namespace prodaccess::pack
