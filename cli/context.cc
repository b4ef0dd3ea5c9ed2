#include "cli/context.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "core/base/error.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

std::filesystem::path home_folder() {
  std::filesystem::path home = environment_variable("HOME");
  if (home.empty()) {
    const passwd* entry = getpwuid(geteuid());
    if (entry != nullptr) home = entry->pw_dir;
  }
  if (!home.is_absolute()) {
    throw Error(ErrorCode::System, "there is no home folder: HOME is not an absolute path",
                {"export HOME=/home/NAME"});
  }
  return home;
}

// An XDG folder: the variable where it is absolute (the specification says: else ignore it).
std::filesystem::path xdg_folder(const char* variable, const std::filesystem::path& otherwise) {
  std::filesystem::path folder = environment_variable(variable);
  return folder.is_absolute() ? folder : otherwise;
}

Paths find_paths() {
  Paths paths;
  const std::filesystem::path home = home_folder();
  paths.config.system = PRODACCESS_SYSCONFDIR;
  paths.config.user = xdg_folder("XDG_CONFIG_HOME", home / ".config") / "prodaccess";
  paths.state = xdg_folder("XDG_STATE_HOME", home / ".local/state") / "prodaccess";
  paths.runtime = xdg_folder("XDG_RUNTIME_DIR", paths.state / "run");
  if (paths.runtime != paths.state / "run") paths.runtime /= "prodaccess";
  return paths;
}

}  // namespace

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Context::Context(bool json) : json_(json), paths_(find_paths()) {}
Context::~Context() = default;

Files& Context::files() {
  if (!files_) files_ = make_system_files();
  return *files_;
}

const Config& Context::config() {
  if (!config_) config_ = std::make_unique<Config>(load_config(files(), paths_.config));
  return *config_;
}

}  // namespace prodaccess
