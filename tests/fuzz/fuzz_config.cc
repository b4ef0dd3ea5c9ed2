// A configuration file is read or is one Error{Config} with its place; whatever the user's file
// says, a role that the system defines never lasts longer, has no effect more and loses no demand.
#include <cstdlib>

#include "core/base/error.h"
#include "core/grant/config.h"
#include "tests/fakes/memory_files.h"

using namespace prodaccess;

namespace {

constexpr const char* kSystem = "/etc/prodaccess/config.toml";
constexpr const char* kUser = "/home/ana/.config/prodaccess/config.toml";
constexpr const char* kRole =
    "[roles.ops]\nprovider = \"local\"\nttl_max = \"1h\"\neffects = [\"read\"]\nreason = "
    "\"required\"\nlocal = { kind = \"token\", audience = \"x\" }\n";

void require(bool condition) {
  if (!condition) std::abort();
}

Config load(const std::map<std::filesystem::path, std::string>& content) {
  MemoryFiles files;
  files.content = content;
  for (const auto& [path, text] : content) files.folders.insert(path.parent_path());
  return load_config(files, {"/etc/prodaccess", "/home/ana/.config/prodaccess"});
}

// Absent: it was refused.
std::optional<Config> read(const std::map<std::filesystem::path, std::string>& content,
                           const std::string& place) {
  try {
    return load(content);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Config);
    require(std::string(error.what()).find(place) != std::string::npos);
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  read({{kUser, text}}, kUser);
  const auto config = read({{kSystem, kRole}, {kUser, text}}, kUser);
  if (!config) return 0;
  const Role& role = config->role("ops");
  require(config->roles.size() == 1);
  require(role.provider == "local" && role.ttl_max <= std::chrono::hours{1});
  for (const Effect effect :
       {Effect::Destructive, Effect::Privilege, Effect::Exfil, Effect::Opaque, Effect::Write}) {
    require(!role.effects.contains(effect));
  }
  require(role.reason.required);
  return 0;
}
