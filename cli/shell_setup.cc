#include "cli/shell_setup.h"

#include <filesystem>

#include "core/base/text.h"

namespace prodaccess {
namespace {

// The text with @NAME@ replaced: words quoted for the shell, numbers as they are.
std::string filled(std::string text, const ShellFacts& facts) {
  const std::pair<const char*, std::string> values[] = {
      {"@TOOLS@", shell_quote(facts.tools)},
      {"@FOLDER@", shell_quote(facts.folder)},
      {"@ZDOTDIR@", shell_quote(facts.zsh_folder.empty() ? facts.home : facts.zsh_folder)},
      {"@ROLE@", facts.role},
      {"@UNTIL@", std::to_string(facts.until)}};
  for (const auto& [name, value] : values) {
    for (std::size_t at = text.find(name); at != std::string::npos;
         at = text.find(name, at + value.size())) {
      text.replace(at, std::string_view(name).size(), value);
    }
  }
  return text;
}

constexpr const char* kBash = R"sh(if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
__prodaccess_prompt() {
  local status=$? now left
  case "$PATH" in
    @TOOLS@:*) ;;
    *) PATH=@TOOLS@:$PATH ;;
  esac
  printf -v now '%(%s)T' -1
  left=$((@UNTIL@ - now))
  if [ "$left" -ge 120 ]; then left=$((left / 60))m; else left=$((left > 0 ? left : 0))s; fi
  PS1=${PS1#"$__prodaccess_mark"}
  __prodaccess_mark="[@ROLE@ $left] "
  PS1=$__prodaccess_mark$PS1
  return "$status"
}
case "$(declare -p PROMPT_COMMAND 2>/dev/null)" in
  "declare -a"*) PROMPT_COMMAND+=(__prodaccess_prompt) ;;
  *) PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }__prodaccess_prompt" ;;
esac
)sh";

constexpr const char* kZshEnvironment = R"sh(ZDOTDIR=@ZDOTDIR@
if [[ -r $ZDOTDIR/.zshenv ]]; then . "$ZDOTDIR/.zshenv"; fi
__prodaccess_zdotdir=$ZDOTDIR
ZDOTDIR=@FOLDER@
)sh";

constexpr const char* kZsh = R"sh(ZDOTDIR=$__prodaccess_zdotdir
if [[ -r $ZDOTDIR/.zshrc ]]; then . "$ZDOTDIR/.zshrc"; fi
zmodload zsh/datetime
autoload -Uz add-zsh-hook
__prodaccess_mark=
__prodaccess_prompt() {
  local left=$((@UNTIL@ - EPOCHSECONDS))
  if [[ $path[1] != @TOOLS@ ]]; then path=(@TOOLS@ $path); fi
  if ((left >= 120)); then left=$((left / 60))m; else left=$((left > 0 ? left : 0))s; fi
  PROMPT=${PROMPT#"$__prodaccess_mark"}
  __prodaccess_mark="[@ROLE@ $left] "
  PROMPT=$__prodaccess_mark$PROMPT
}
add-zsh-hook precmd __prodaccess_prompt
)sh";

constexpr const char* kFish = R"sh(function __prodaccess_path --on-event fish_prompt
    if test "$PATH[1]" != @TOOLS@
        set -gx PATH @TOOLS@ $PATH
    end
end
if functions -q fish_prompt
    functions -c fish_prompt __prodaccess_users_prompt
else
    function __prodaccess_users_prompt
        printf '> '
    end
end
function __prodaccess_status
    return $argv[1]
end
function fish_prompt
    set -l before $status
    set -l left (math @UNTIL@ - (/bin/date +%s))
    if test $left -ge 120
        set left (math --scale=0 $left / 60)m
    else
        set left (math "max(0, $left)")s
    end
    printf '[@ROLE@ %s] ' $left
    __prodaccess_status $before
    __prodaccess_users_prompt
end
)sh";

}  // namespace

std::optional<ShellKind> shell_kind(const std::string& program) {
  const std::string name = std::filesystem::path(program).filename().string();
  if (name == "bash") return ShellKind::Bash;
  if (name == "zsh") return ShellKind::Zsh;
  if (name == "fish") return ShellKind::Fish;
  return std::nullopt;
}

ShellSetup shell_setup(ShellKind kind, const ShellFacts& facts) {
  ShellSetup setup;
  switch (kind) {
    case ShellKind::Bash:
      setup.arguments = {"--rcfile", facts.folder + "/bashrc", "-i"};
      setup.files["bashrc"] = filled(kBash, facts);
      break;
    case ShellKind::Zsh:
      setup.arguments = {"-i"};
      setup.environment.emplace_back("ZDOTDIR", facts.folder);
      setup.files[".zshenv"] = filled(kZshEnvironment, facts);
      setup.files[".zshrc"] = filled(kZsh, facts);
      break;
    case ShellKind::Fish:
      setup.arguments = {"--interactive", "--init-command",
                         "source " + shell_quote(facts.folder + "/init.fish")};
      setup.files["init.fish"] = filled(kFish, facts);
      break;
  }
  return setup;
}

}  // namespace prodaccess
