#include "core/os/environment_aside.h"

#include <cstdlib>

#include "core/os/environment.h"

namespace prodaccess {

EnvironmentAside::EnvironmentAside(std::string_view prefix) {
  for (const std::string_view entry : caller_environment()) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || !entry.starts_with(prefix)) continue;
    kept_.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  for (const auto& [name, value] : kept_) ::unsetenv(name.c_str());
}

EnvironmentAside::~EnvironmentAside() {
  for (const auto& [name, value] : kept_) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace prodaccess
