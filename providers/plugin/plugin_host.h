// Where plug-ins are looked for, and what they are given as their environment
// (prodaccess-provider(7), THE RUN).
#pragma once

#include <filesystem>

#include "providers/plugin/plugin_provider.h"

namespace prodaccess {

// `with_home`: also from the user's own folder, where there is no system configuration.
PluginHost make_plugin_host(bool with_home, const std::filesystem::path& home);

}  // namespace prodaccess
