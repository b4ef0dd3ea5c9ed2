#include "core/grant/pack_files.h"

#include "core/command/pack/pack_set.h"
#include "core/os/files.h"

namespace prodaccess {

void add_trusted_packs(PackSet& packs, Files& files, const ConfigPaths& paths, bool self_governed) {
  const std::filesystem::path folder = (self_governed ? paths.user : paths.system) / "packs.d";
  const Owner owner = self_governed ? Owner::Me : Owner::Root;
  const auto names = files.list(folder, owner);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.ends_with(".toml")) continue;
    const auto text = files.read(folder / name, owner);
    if (text) packs.add(*text, (folder / name).string());
  }
}

}  // namespace prodaccess
