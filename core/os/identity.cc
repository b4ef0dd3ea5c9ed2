#include "core/os/identity.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/os/identity_signs.h"

namespace prodaccess {
namespace {

// The last part of a path, without what script files end in.
std::string program_of(const std::string& word) {
  std::string name = word.substr(word.rfind('/') + 1);
  for (const std::string_view suffix : {".js", ".mjs", ".cjs", ".py", ".sh", ".exe"}) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      name = name.substr(0, name.size() - suffix.size());
      break;
    }
  }
  return to_lower(name);
}

bool is_one_of(const std::vector<std::string_view>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view pattern) { return glob_match(pattern, name); });
}

// The name by which an ancestor is known among `patterns`; for interpreters the script's too.
std::optional<std::string> known_as(const Ancestor& ancestor,
                                    const std::vector<std::string_view>& patterns) {
  const std::string own = to_lower(ancestor.name);
  if (is_one_of(patterns, own)) return own;
  for (const std::string& argument : ancestor.arguments) {
    if (argument.empty() || argument[0] == '-') continue;
    const std::string program = program_of(argument);
    if (is_one_of(patterns, program)) return program;
    // node .../@anthropic-ai/claude-code/cli.js: a package's name may say more than its file's.
    for (const std::string& part : split(to_lower(argument), '/')) {
      if (is_one_of(kPackagePatterns, part) && is_one_of(patterns, part)) return part;
    }
  }
  return std::nullopt;
}

std::string text_of(const char* kind, const std::string& name, const Ancestor& ancestor) {
  return std::string(kind) + " " + escape_for_terminal(name) + " (pid " +
         std::to_string(ancestor.id.pid) + ") is an ancestor";
}

std::optional<std::string> known_ancestor(const CallerSnapshot& caller, const char* kind,
                                          const std::vector<std::string_view>& patterns) {
  for (const Ancestor& ancestor : caller.ancestors) {
    if (const auto name = known_as(ancestor, patterns)) return text_of(kind, *name, ancestor);
  }
  return std::nullopt;
}

bool adopts_orphans(const Ancestor& ancestor) {
  return ancestor.id.pid == 1 || is_one_of(kInitPatterns, to_lower(ancestor.name));
}

// Whether the process that set `variable` is among the ancestors: the nearest that was started
// without it. Orphans are adopted by init, which has set nothing. `rooted`: with no origin of a
// terminal in the chain there is nothing that could merely have inherited it.
bool setter_is_ancestor(const CallerSnapshot& caller, const std::string& variable, bool rooted) {
  for (const Ancestor& ancestor : caller.ancestors) {
    const bool has = ancestor.variables &&
                     std::find(ancestor.variables->begin(), ancestor.variables->end(), variable) !=
                         ancestor.variables->end();
    if (!has) return !adopts_orphans(ancestor) || !rooted;
  }
  return !rooted;
}

std::optional<std::string> telling_variable(const CallerSnapshot& caller,
                                            const std::vector<std::string_view>& patterns,
                                            bool rooted) {
  for (const std::string& variable : caller.variables) {
    if (is_one_of(patterns, variable) && setter_is_ancestor(caller, variable, rooted)) {
      return "an ancestor set " + variable;
    }
  }
  return std::nullopt;
}

}  // namespace

Identity classify(const CallerSnapshot& caller, const std::vector<std::string>& more_origins) {
  std::vector<std::string_view> origins = kOriginPatterns;
  origins.insert(origins.end(), more_origins.begin(), more_origins.end());
  if (!caller.identity_uid_map) {
    return {IdentityClass::Agent, "users are mapped (user namespace)"};
  }
  if (auto why = known_ancestor(caller, "agent", kAgentPatterns)) {
    return {IdentityClass::Agent, std::move(*why)};
  }
  const auto origin = known_ancestor(caller, "terminal", origins);
  if (auto why = telling_variable(caller, kAgentVariables, origin.has_value())) {
    return {IdentityClass::Agent, std::move(*why)};
  }
  if (auto why = known_ancestor(caller, "CI runner", kRunnerPatterns)) {
    return {IdentityClass::Ci, std::move(*why)};
  }
  if (auto why = telling_variable(caller, kCiVariables, origin.has_value())) {
    return {IdentityClass::Ci, std::move(*why)};
  }
  if (!caller.controlling_terminal) return {IdentityClass::Ci, "there is no controlling terminal"};
  if (!origin) {
    return {IdentityClass::Ci, "no login, sshd, terminal or multiplexer is an ancestor"};
  }
  return {IdentityClass::Human, *origin};
}

}  // namespace prodaccess
