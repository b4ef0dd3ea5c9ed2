// How each shell is started for `shell`: with its user's own start-up files first, then ours, which
// put the tool links first on PATH before every prompt (not earlier: what the shell runs by itself
// as it starts is none of a person's commands), and mark the prompt. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace prodaccess {

enum class ShellKind { Bash, Zsh, Fish };
// By the name of its program ("/usr/bin/zsh"); absent: another one.
std::optional<ShellKind> shell_kind(const std::string& program);

struct ShellFacts {
  std::string folder;      // private to this shell; our start-up files go there
  std::string tools;       // the folder of tool links
  std::string role;        // letters, digits, '.', '_' and '-'
  std::int64_t until = 0;  // the grant's end, in seconds since 1970
  std::string home;
  std::string zsh_folder;  // the user's own ZDOTDIR; "" for home
};

struct ShellSetup {
  std::vector<std::string> arguments;  // after the program's name
  std::vector<std::pair<std::string, std::string>> environment;
  std::map<std::string, std::string> files;  // in the folder, by name
};

ShellSetup shell_setup(ShellKind kind, const ShellFacts& facts);

}  // namespace prodaccess
