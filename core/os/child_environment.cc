#include "core/os/child_environment.h"

#include <array>
#include <set>

#include "core/base/text.h"

namespace prodaccess {
namespace {

struct Unwanted {
  std::string_view glob;
  std::string_view reason;
};

// Code of others that a variable alone brings into a program: ld.so(8), bash(1), python(1), perlrun(1),
// node(1), ruby(1), git(1), and the JVM's launcher.
constexpr std::array<Unwanted, 27> kUnwanted{{
    {"LD_PRELOAD", "loader hook"},
    {"LD_AUDIT", "loader hook"},
    {"LD_LIBRARY_PATH", "loader hook"},
    {"LD_DEBUG*", "loader hook"},
    {"LD_PROFILE*", "loader hook"},
    {"LD_ORIGIN_PATH", "loader hook"},
    {"GCONV_PATH", "loader hook"},
    {"BASH_ENV", "interpreter hook"},
    {"ENV", "interpreter hook"},
    {"BASH_FUNC_*", "interpreter hook"},
    {"SHELLOPTS", "interpreter hook"},
    {"BASHOPTS", "interpreter hook"},
    {"PROMPT_COMMAND", "interpreter hook"},
    {"PYTHONSTARTUP", "interpreter hook"},
    {"PYTHONPATH", "interpreter hook"},
    {"PYTHONHOME", "interpreter hook"},
    {"PYTHONINSPECT", "interpreter hook"},
    {"PERL5OPT", "interpreter hook"},
    {"PERL5LIB", "interpreter hook"},
    {"PERL5DB", "interpreter hook"},
    {"RUBYOPT", "interpreter hook"},
    {"RUBYLIB", "interpreter hook"},
    {"NODE_OPTIONS", "interpreter hook"},
    {"JAVA_TOOL_OPTIONS", "interpreter hook"},
    {"_JAVA_OPTIONS", "interpreter hook"},
    {"PRODACCESS_SESSION", "our own"},
    {"PRODACCESS_*_PASSPHRASE", "our own"},
}};

std::string reason_against(const std::string& name, const std::vector<std::string>& rivals) {
  for (const Unwanted& unwanted : kUnwanted) {
    if (glob_match(unwanted.glob, name)) return std::string(unwanted.reason);
  }
  for (const std::string& rival : rivals) {
    if (glob_match(rival, name)) return "rival credential";
  }
  return {};
}

}  // namespace

BuiltEnvironment build_child_environment(const std::vector<std::string>& caller,
                                         const std::vector<std::string>& rivals,
                                         std::vector<std::pair<std::string, Secret>> additions) {
  BuiltEnvironment built;
  std::set<std::string> set_names;
  for (auto addition = additions.rbegin(); addition != additions.rend(); ++addition) {
    if (!set_names.insert(addition->first).second) continue;
    built.changes.push_back({EnvironmentChange::Kind::Set, addition->first, "credential"});
    built.environment.secret.push_back(std::move(*addition));
  }
  std::set<std::string> seen;
  for (const std::string& entry : caller) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) continue;
    const std::string name = entry.substr(0, equals);
    if (!seen.insert(name).second || set_names.count(name) != 0) continue;
    const std::string reason = reason_against(name, rivals);
    if (reason.empty()) {
      built.environment.plain.push_back(entry);
    } else {
      built.changes.push_back({EnvironmentChange::Kind::TakenOut, name, reason});
    }
  }
  return built;
}

}  // namespace prodaccess
