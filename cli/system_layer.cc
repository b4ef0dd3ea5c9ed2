#include "cli/system_layer.h"

namespace prodaccess {

bool has_system_layer(const std::filesystem::path& system) {
  std::error_code ignored;
  if (std::filesystem::exists(system / "config.toml", ignored)) return true;
  for (const auto& entry : std::filesystem::directory_iterator(system / "config.d", ignored)) {
    if (entry.path().extension() == ".toml") return true;
  }
  return false;
}

}  // namespace prodaccess
