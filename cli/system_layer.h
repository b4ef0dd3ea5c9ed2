// Whether this machine is governed: its system layer says something. Seen without reading it, since
// it may be broken.
#pragma once

#include <filesystem>

namespace prodaccess {

bool has_system_layer(const std::filesystem::path& system);

}  // namespace prodaccess
