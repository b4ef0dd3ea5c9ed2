#include "core/grant/policy_files.h"

#include "core/os/files.h"
#include "core/os/zone_data.h"

namespace prodaccess {
namespace {

bool is_toml(const std::string& name) {
  return name.size() > 5 && name.compare(name.size() - 5, 5, ".toml") == 0;
}

std::vector<PolicySource> sources_of(Files& files, const std::filesystem::path& folder,
                                     Owner owner) {
  std::vector<PolicySource> sources;
  if (folder.empty()) return sources;
  std::vector<std::filesystem::path> paths{folder / "policy.toml"};
  if (const auto names = files.list(folder / "policy.d", owner)) {
    for (const std::string& name : *names) {
      if (is_toml(name)) paths.push_back(folder / "policy.d" / name);
    }
  }
  for (const auto& path : paths) {
    if (auto text = files.read(path, owner)) sources.push_back({path.string(), std::move(*text)});
  }
  return sources;
}

}  // namespace

Policy load_policy(Files& files, const ConfigPaths& paths, const Config& config) {
  Policy policy = assemble_policy(sources_of(files, paths.system, Owner::Root),
                                  sources_of(files, paths.user, Owner::Me), !config.self_governed,
                                  [](const std::string& name) { return read_zone_data(name); });
  for (const auto& [key, labels] : config.environments) {
    std::vector<std::string>& known = policy.environments[key];
    known.insert(known.end(), labels.begin(), labels.end());
  }
  return policy;
}

}  // namespace prodaccess
