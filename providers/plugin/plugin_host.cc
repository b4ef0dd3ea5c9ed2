#include "providers/plugin/plugin_host.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/program.h"

namespace prodaccess {
namespace {

constexpr const char* kPrefix = "prodaccess-provider-";
constexpr const char* kFolders =
    "/usr/local/lib/prodaccess/providers:/usr/lib/prodaccess/providers";

// Letters, digits, '-' and '_': a name cannot lead out of the folders.
bool is_plugin_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
             std::string::npos;
}

std::optional<Program> look_up(const std::string& name_or_path, const std::string& folders) {
  if (name_or_path.starts_with('/')) return find_program(name_or_path, folders);
  if (!is_plugin_name(name_or_path)) return std::nullopt;
  return find_program(kPrefix + name_or_path, folders);
}

std::filesystem::path find_plugin(const std::string& name_or_path, const std::string& folders) {
  const auto program = look_up(name_or_path, folders);
  if (!program) {
    throw Error(ErrorCode::Provider,
                "there is no provider program " + escape_for_terminal(name_or_path),
                {"prodaccess-provider-NAME is looked for in " + join(split(folders, ':'), ", "),
                 "or set program = \"/absolute/path\" in the role's table"});
  }
  return program->path;
}

}  // namespace

PluginHost make_plugin_host(bool with_home, const std::filesystem::path& home) {
  std::string folders = kFolders;
  if (with_home && home.is_absolute()) {
    folders += ":" + (home / ".local/lib/prodaccess/providers").string();
  }
  PluginHost host;
  host.find = [folders](const std::string& name) { return find_plugin(name, folders); };
  host.has = [folders](const std::string& name) { return look_up(name, folders).has_value(); };
  host.environment = {{"HOME", home.string()}, {"LANG", "C.UTF-8"}, {"PATH", "/usr/bin:/bin"}};
  return host;
}

}  // namespace prodaccess
