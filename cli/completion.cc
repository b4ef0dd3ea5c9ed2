#include "cli/completion.h"

#include "core/base/text.h"

namespace prodaccess {
namespace {

// Calls `visit(path, command)` for every command that people see; the path leaves out the program.
template <typename Visit>
void walk(const Command& command, const std::string& path, const Visit& visit) {
  visit(path, command);
  for (const Command& child : command.commands()) {
    if (!child.hidden())
      walk(child, path.empty() ? child.name() : path + " " + child.name(), visit);
  }
}

std::vector<std::string> visible_commands(const Command& command) {
  std::vector<std::string> names;
  for (const Command& child : command.commands()) {
    if (!child.hidden()) names.push_back(child.name());
  }
  return names;
}

std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> names;
  for (const Option& option : command.options()) {
    if (!option.positional) names.push_back(option.name);
  }
  if (command.action() != nullptr) names.emplace_back("--json");
  names.emplace_back("--help");
  return names;
}

// What the shell is to offer as the value of an option: a word of the script's
// `_prodaccess_values`.
std::string value_source(const Option& option) {
  if (!option.choices.empty()) return "words " + join(option.choices, " ");
  return option.completion.empty() ? "none" : option.completion;
}

const Option* first_positional(const Command& command) {
  for (const Option& option : command.options()) {
    if (option.positional) return &option;
  }
  return nullptr;
}

// The parts that bash and zsh share: three functions of `case` tables keyed by the command's path.
std::string shell_tables(const Command& root) {
  std::string commands = "_prodaccess_commands() {\n  case \"$1\" in\n";
  std::string options = "_prodaccess_options() {\n  case \"$1\" in\n";
  std::string values = "_prodaccess_value_source() {\n  case \"$1:$2\" in\n";
  std::string rest = "_prodaccess_runs_command() {\n  case \"$1\" in\n";
  walk(root, "", [&](const std::string& path, const Command& command) {
    const std::string quoted = "    " + shell_quote(path) + ") echo ";
    if (const auto names = visible_commands(command); !names.empty()) {
      commands += quoted + shell_quote(join(names, " ")) + " ;;\n";
    }
    options += quoted + shell_quote(join(option_names(command), " ")) + " ;;\n";
    for (const Option& option : command.options()) {
      if (option.positional || option.metavar.empty()) continue;
      values += "    " + shell_quote(path + ":" + option.name) + ") echo " +
                shell_quote(value_source(option)) + " ;;\n";
    }
    if (const Option* positional = first_positional(command)) {
      values += "    " + shell_quote(path + ":") + ") echo " +
                shell_quote(value_source(*positional)) + " ;;\n";
    }
    if (command.rest_words()) rest += "    " + shell_quote(path) + ") return 0 ;;\n";
  });
  const std::string end = "  esac\n}\n";
  return commands + end + options + end + values + end + rest + "    *) return 1 ;;\n" + end;
}

}  // namespace

std::string bash_completion(const Command& root) {
  return "# bash completion for prodaccess. Made from the option tree: prodaccess completion "
         "bash\n" +
         shell_tables(root) + R"sh(
_prodaccess() {
  local cur=${COMP_WORDS[COMP_CWORD]} path="" i=1 word source
  COMPREPLY=()
  # Walk down the commands, then over options, to where the cursor stands.
  while [ "$i" -lt "$COMP_CWORD" ]; do
    word=${COMP_WORDS[i]}
    case " $(_prodaccess_commands "$path") " in
      *" $word "*) path="${path:+$path }$word" ;;
      *) break ;;
    esac
    i=$((i + 1))
  done
  if _prodaccess_runs_command "$path"; then
    while [ "$i" -lt "$COMP_CWORD" ]; do
      word=${COMP_WORDS[i]}
      if [ "$word" = -- ]; then i=$((i + 1)); _prodaccess_command "$i"; return; fi
      case "$word" in
        -*) [ -n "$(_prodaccess_value_source "$path" "$word")" ] && i=$((i + 1)) ;;
        *) _prodaccess_command "$i"; return ;;
      esac
      i=$((i + 1))
    done
  fi
  source=""
  case "${COMP_WORDS[COMP_CWORD - 1]}" in
    -*) source=$(_prodaccess_value_source "$path" "${COMP_WORDS[COMP_CWORD - 1]}") ;;
  esac
  if [ -n "$source" ]; then
    _prodaccess_offer "$source"
    return
  fi
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$(_prodaccess_options "$path")" -- "$cur")) ;;
    *)
      COMPREPLY=($(compgen -W "$(_prodaccess_commands "$path")" -- "$cur"))
      [ ${#COMPREPLY[@]} -eq 0 ] && _prodaccess_offer "$(_prodaccess_value_source "$path" "")"
      ;;
  esac
}

_prodaccess_offer() {
  case "$1" in
    roles | grants) COMPREPLY=($(compgen -W "$(prodaccess __complete "$1" 2>/dev/null)" -- "$cur")) ;;
    words\ *) COMPREPLY=($(compgen -W "${1#words }" -- "$cur")) ;;
    files) COMPREPLY=($(compgen -f -- "$cur")) ;;
    folders) COMPREPLY=($(compgen -d -- "$cur")) ;;
  esac
}

# The user's own command, from word $1 on.
_prodaccess_command() {
  if declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif [ "$COMP_CWORD" -eq "$1" ]; then
    COMPREPLY=($(compgen -c -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}

complete -F _prodaccess prodaccess
)sh";
}

std::string zsh_completion(const Command& root) {
  return "#compdef prodaccess\n# zsh completion for prodaccess. Made from the option tree: "
         "prodaccess "
         "completion zsh\n" +
         shell_tables(root) + R"sh(
_prodaccess_offer() {
  case "$1" in
    roles | grants) compadd -- ${(f)"$(prodaccess __complete "$1" 2>/dev/null)"} ;;
    words\ *) compadd -- ${=1#words } ;;
    files) _files ;;
    folders) _files -/ ;;
  esac
}

_prodaccess() {
  local at="" word value
  local -i i=2
  while (( i < CURRENT )); do
    word=${words[i]}
    if [[ " $(_prodaccess_commands "$at") " == *" $word "* ]]; then
      at="${at:+$at }$word"
    else
      break
    fi
    (( i++ ))
  done
  if _prodaccess_runs_command "$at"; then
    while (( i < CURRENT )); do
      word=${words[i]}
      if [[ $word == -- ]]; then
        words=("${(@)words[i + 1,-1]}"); (( CURRENT -= i )); _normal; return
      elif [[ $word == -* ]]; then
        [[ -n "$(_prodaccess_value_source "$at" "$word")" ]] && (( i++ ))
      else
        words=("${(@)words[i,-1]}"); (( CURRENT -= i - 1 )); _normal; return
      fi
      (( i++ ))
    done
  fi
  value=$(_prodaccess_value_source "$at" "${words[CURRENT - 1]}")
  if [[ -n $value && ${words[CURRENT - 1]} == -* ]]; then
    _prodaccess_offer "$value"
  elif [[ ${words[CURRENT]} == -* ]]; then
    compadd -- ${=$(_prodaccess_options "$at")}
  else
    compadd -- ${=$(_prodaccess_commands "$at")}
    _prodaccess_offer "$(_prodaccess_value_source "$at" "")"
  fi
}

if [ "$funcstack[1]" = "_prodaccess" ]; then
  _prodaccess "$@"
else
  compdef _prodaccess prodaccess
fi
)sh";
}

std::string fish_completion(const Command& root) {
  std::string text =
      "# fish completion for prodaccess. Made from the option tree: prodaccess completion fish\n"
      "function __prodaccess_at\n"
      "  set -l words (commandline -opc)\n"
      "  set -e words[1]\n"
      "  contains -- -- $words; and return 1\n"
      "  set -l at (string match -v -- '-*' $words)\n"
      "  set -l wanted (string split -n ' ' -- \"$argv[1]\")\n"
      "  set -l count (count $wanted)\n"
      "  test $count -eq 0; and test (count $at) -eq 0; and return 0\n"
      "  test $count -gt 0; and test (count $at) -ge $count; or return 1\n"
      "  test \"$at[1..$count]\" = \"$wanted\"\n"
      "end\n"
      "complete -c prodaccess -f\n";
  walk(root, "", [&](const std::string& path, const Command& command) {
    const std::string at =
        "complete -c prodaccess -n " + shell_quote("__prodaccess_at " + shell_quote(path));
    for (const Command& child : command.commands()) {
      if (child.hidden()) continue;
      text +=
          at + " -a " + shell_quote(child.name()) + " -d " + shell_quote(child.summary()) + "\n";
    }
    for (const Option& option : command.options()) {
      std::string offer;
      if (option.completion == "roles" || option.completion == "grants") {
        offer = " -xa '(prodaccess __complete " + option.completion + " 2>/dev/null)'";
      } else if (!option.choices.empty()) {
        offer = " -xa " + shell_quote(join(option.choices, " "));
      } else if (option.completion == "files" || option.completion == "folders") {
        offer = " -rF";
      } else if (!option.metavar.empty()) {
        offer = " -x";
      }
      if (option.positional) {
        if (offer.size() > 3) text += at + offer + "\n";
      } else {
        text += at + " -l " + shell_quote(option.name.substr(2)) + offer + " -d " +
                shell_quote(option.help) + "\n";
      }
    }
    if (command.action() != nullptr) text += at + " -l json -d 'machine-readable output'\n";
    text += at + " -l help -d 'help'\n";
    if (command.rest_words()) {
      text += at + " -a '(__fish_complete_subcommand)'\n";
    }
  });
  return text;
}

}  // namespace prodaccess
