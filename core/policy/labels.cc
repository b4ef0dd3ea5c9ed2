#include "core/policy/labels.h"

#include "core/base/text.h"

namespace prodaccess {
namespace {

// The names under which configuration may know a target.
std::vector<std::string> keys_of(const Target& target) {
  std::vector<std::string> keys;
  const auto add = [&](const std::string& first, const std::string& second) {
    if (first.empty()) return;
    keys.push_back(target.system + ":" + first);
    if (!second.empty()) keys.push_back(target.system + ":" + first + "/" + second);
  };
  add(target.account, target.region);
  add(target.cluster, target.namespace_);
  add(target.namespace_, "");
  if (target.pattern || target.name.empty()) return keys;
  keys.push_back(target.system + ":" + target.name);
  if (!target.kind.empty()) keys.push_back(target.system + ":" + target.kind + "/" + target.name);
  return keys;
}

bool is_glob(std::string_view key) { return key.find_first_of("*?\\") != std::string_view::npos; }

}  // namespace

bool any_fits(const std::vector<std::string>& patterns, const Target& target) {
  for (const std::string& key : keys_of(target)) {
    for (const std::string& pattern : patterns) {
      if (glob_match(pattern, key)) return true;
    }
  }
  return false;
}

std::set<std::string> labels_of(const Target& target, const Environments& environments) {
  std::set<std::string> labels;
  if (!environments.empty()) {
    const std::vector<std::string> keys = keys_of(target);
    for (const std::string& key : keys) {
      const auto found = environments.find(key);
      if (found != environments.end()) labels.insert(found->second.begin(), found->second.end());
    }
    for (const auto& [pattern, names] : environments) {
      if (!is_glob(pattern)) continue;
      for (const std::string& key : keys) {
        if (glob_match(pattern, key)) labels.insert(names.begin(), names.end());
      }
    }
  }
  if (labels.empty()) labels.insert("production");
  return labels;
}

Target filled_in(const Target& target, const Target& known) {
  if (known.system.empty() || (!target.system.empty() && target.system != known.system)) {
    return target;
  }
  Target filled = target;
  const auto fill = [](std::string& field, const std::string& value) {
    if (field.empty()) field = value;
  };
  fill(filled.system, known.system);
  fill(filled.account, known.account);
  fill(filled.cluster, known.cluster);
  fill(filled.namespace_, known.namespace_);
  fill(filled.region, known.region);
  return filled;
}

}  // namespace prodaccess
