#include <fcntl.h>
#include <pwd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>

#include "core/base/text.h"
#include "core/os/descriptor.h"
#include "core/os/environment.h"
#include "core/os/identity.h"
#include "core/os/identity_signs.h"
#include "core/os/ownership.h"

namespace prodaccess {
namespace {

constexpr int kMostAncestors = 64;
constexpr std::size_t kMostArguments = 8;

bool is_one_of(const std::vector<std::string_view>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    return pattern[0] == name[0] && glob_match(pattern, name);
  });
}

// AGENT is a common name: only the value of the agents.md proposal tells.
bool tells(std::string_view name, std::string_view value) {
  if (name.empty() || value.empty() || value == "0" || value == "false") return false;
  if (name == "AGENT") return is_one_of(kAgentPatterns, to_lower(value));
  return is_one_of(kAgentVariables, name) || is_one_of(kCiVariables, name);
}

template <typename Entries>
std::vector<std::string> telling_variables(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry_text : entries) {
    const std::string_view entry = entry_text;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = entry.substr(0, equals);
    if (tells(name, entry.substr(equals + 1))) names.emplace_back(name);
  }
  return names;
}

bool has_controlling_terminal() {
  return static_cast<bool>(Descriptor(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)));
}

// The local file first: behind the name service may be a daemon, or the network.
std::string account_of(uid_t uid) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> local(std::fopen("/etc/passwd", "re"),
                                                              std::fclose);
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  while (local && fgetpwent_r(local.get(), &entry, buffer.data(), buffer.size(), &found) == 0) {
    if (found->pw_uid == uid) return found->pw_name;
  }
  found = nullptr;
  getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(uid);
}

}  // namespace

CallerSnapshot observe_caller() {
  CallerSnapshot caller;
  caller.controlling_terminal = has_controlling_terminal();
  caller.identity_uid_map = identity_uid_map();
  caller.variables = telling_variables(caller_environment());
  pid_t pid = getppid();
  for (int i = 0; i < kMostAncestors && pid > 0; ++i) {
    const auto info = process_info(pid);
    if (!info) break;
    Ancestor ancestor;
    ancestor.id = info->id;
    ancestor.name = info->name;
    if (is_one_of(kInterpreterPatterns, to_lower(info->name))) {
      ancestor.arguments = process_arguments(pid);
      ancestor.arguments.resize(std::min(ancestor.arguments.size(), kMostArguments));
    }
    if (!caller.variables.empty()) {
      if (const auto text = process_environment(pid)) {
        ancestor.variables = telling_variables(split(*text, '\0'));
      }
    }
    caller.ancestors.push_back(std::move(ancestor));
    pid = info->parent;
  }
  return caller;
}

Requester observe_requester() {
  Requester requester;
  requester.uid = getuid();
  std::uint64_t login = 0;
  if (std::ifstream("/proc/self/loginuid") >> login && login != 4294967295U) {
    requester.login_uid = static_cast<uid_t>(login);
  }
  requester.account = account_of(requester.uid);
  utsname system{};
  if (uname(&system) == 0) requester.host = system.nodename;
  char terminal[128] = "";
  for (int fd = 2; fd >= 0 && terminal[0] == '\0'; --fd) {
    if (ttyname_r(fd, terminal, sizeof terminal) != 0) terminal[0] = '\0';
  }
  constexpr std::string_view kDevices = "/dev/";
  const std::string_view path = terminal;
  requester.terminal = path.starts_with(kDevices) ? path.substr(kDevices.size()) : path;
  return requester;
}

}  // namespace prodaccess
