// What the shell's builtins do to its own state: variables, arguments, aliases, functions, traps.
#include <array>

#include "core/command/shell/evaluator.h"

namespace prodaccess::shell {
namespace {

bool is_option(const Word& word) {
  return word.known && word.text.size() > 1 && (word.text[0] == '-' || word.text[0] == '+');
}

// Where the builtin's own name stands behind `command` and `builtin`; absent: it is not run.
std::optional<std::size_t> builtin_at(const Words& words) {
  std::size_t at = 0;
  while (at < words.size() && words[at].known &&
         (words[at].text == "command" || words[at].text == "builtin")) {
    ++at;
    while (at < words.size() && is_option(words[at])) {
      if (words[at].text.find_first_of("vV") != std::string::npos) return std::nullopt;
      ++at;
    }
  }
  return at < words.size() ? std::optional(at) : std::nullopt;
}

}  // namespace

bool Evaluator::state_builtin(const SimpleCommand& out) {
  const std::optional<std::size_t> found = builtin_at(out.words);
  if (!found) return false;
  const std::size_t at = *found;
  const Word& word = out.words[at];
  if (!word.known || word.glob) {
    variables_.forget_all();  // it may be any builtin
    return false;
  }
  const std::string& name = word.text;
  check_variable_words(out.words, at);
  if (name == "eval") {
    std::string text;
    bool known = true;
    for (std::size_t i = at + 1; i < out.words.size(); ++i) {
      if (i == at + 1 && out.words[i].text == "--") continue;
      known &= out.words[i].known && !out.words[i].glob;
      if (!text.empty()) text += ' ';
      text += out.words[i].text;
    }
    if (!known) {
      variables_.forget_all();
      return false;
    }
    run_text(text, "eval");
    return true;
  }
  if (name == "." || name == "source") {
    variables_.forget_all();
  } else if (name == "export" || name == "declare" || name == "typeset" || name == "local" ||
             name == "readonly") {
    declare(out.words, at);
  } else if (name == "read" || name == "mapfile" || name == "readarray" || name == "getopts" ||
             name == "let" || name == "unset" || name == "printf" || name == "wait" ||
             name == "exec") {
    read_into(out.words, at);
  } else if (name == "set" || name == "shift") {
    set_arguments(out.words, at);
  } else if (name == "alias") {
    define_aliases(out.words, at);
  } else if (name == "trap") {
    return set_trap(out.words, at);
  }
  return false;
}

// The words that a builtin takes for the names of variables, or for expressions.
void Evaluator::check_variable_words(const Words& words, std::size_t at) {
  constexpr std::array<std::string_view, 14> kTakers{
      "let",   "test",    "[",       "[[",    "read",   "mapfile",  "readarray",
      "unset", "declare", "typeset", "local", "export", "readonly", "printf"};
  if (std::find(kTakers.begin(), kTakers.end(), words[at].text) == kTakers.end()) return;
  const bool printf = words[at].text == "printf";
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    if (words[i].text.find('[') == std::string::npos) continue;
    // printf writes to a variable with -v alone; a declaration's value is only data.
    if (printf && (i < 2 || words[i - 1].text != "-v")) continue;
    const std::string& text = words[i].text;
    const bool data = words[at].text != "let" && text.find('=') < text.find('[');
    if (!data) check_subscripts(text);
  }
}

void Evaluator::declare(const Words& words, std::size_t at) {
  bool exported = words[at].text == "export";
  bool distrusted = false;
  const bool local = words[at].text == "local" || locals_ != nullptr;
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const Word& word = words[i];
    if (is_option(word) && word.text[0] == '-') {
      if (word.text.find('f') != std::string::npos) return export_functions(words, i + 1);
      if (word.text.find('n') != std::string::npos && !exported) variables_.distrust_all();
      exported |= word.text.find('x') != std::string::npos;
      distrusted |= word.text.find_first_of("iluc") != std::string::npos;
      continue;
    }
    const std::size_t length = name_length(word.text);
    const bool names =
        length != 0 && (length == word.text.size()
                            ? word.known
                            : word.text[length] == '=' || word.text.compare(length, 2, "+=") == 0 ||
                                  word.text[length] == '[');
    if (!names) {
      if (!word.known) variables_.forget_all();
      continue;
    }
    const std::string name = word.text.substr(0, length);
    if (local && locals_ != nullptr && words[at].text != "export" && words[at].text != "readonly") {
      locals_->push_back(name);
    }
    if (distrusted) {
      variables_.distrust(name);
    } else if (length < word.text.size()) {
      const bool plain = word.text[length] == '=';
      Value value = plain && word.known ? Value::known(word.text.substr(length + 1)) : Value{};
      if (plain && !word.known) {
        if (!word.splits) value = Value::one_word();
        value.text = word.text.substr(length + 1);
      }
      variables_.assign(name, std::move(value));
    } else if (words[at].text == "local") {
      variables_.assign(name, Value::unset());
    }
    if (exported) variables_.mark_exported(name);
  }
}

// `export -f f`: a later shell may call it, so its body is listed.
void Evaluator::export_functions(const Words& words, std::size_t at) {
  if (words[0].text != "export" && words[0].text != "declare" && words[0].text != "typeset") return;
  for (std::size_t i = at; i < words.size(); ++i) {
    const auto found = functions_.find(words[i].text);
    if (found == functions_.end() || is_active(found->second)) continue;
    const Function function = found->second;
    maybe([&] { call_function(function, SimpleCommand{}); });
  }
}

// The variables that a builtin sets to something that is not on the line.
void Evaluator::read_into(const Words& words, std::size_t at) {
  const std::string& name = words[at].text;
  const bool unset = name == "unset";
  if (unset && at + 1 < words.size() && words[at + 1].text == "-f") {
    for (std::size_t i = at + 2; i < words.size(); ++i) {
      const auto found = functions_.find(words[i].text);
      if (found != functions_.end()) found->second.certain = false;
    }
    return;
  }
  if ((name == "printf" || name == "wait" || name == "exec") &&
      (at + 1 >= words.size() || !is_option(words[at + 1]))) {
    return;
  }
  if (name == "read") variables_.forget("REPLY");
  if (name == "mapfile" || name == "readarray") variables_.forget("MAPFILE");
  if (name == "getopts") variables_.forget("OPTARG");
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    if (!words[i].known) return variables_.forget_all();
    // `let a=1`, `printf -va`, `read 'a[0]'`: any name that the word could mean.
    std::string_view text = words[i].text;
    if (text.substr(0, 2) == "-v" || text.substr(0, 2) == "-a") text.remove_prefix(2);
    const std::size_t length = name_length(text);
    if (length == 0) continue;
    const std::string_view variable = text.substr(0, length);
    if (unset && length == text.size()) {
      variables_.assign(variable, Value::unset());
    } else {
      variables_.forget(variable);
    }
  }
}

void Evaluator::set_arguments(const Words& words, std::size_t at) {
  ++argument_changes_;
  if (words[at].text == "shift") {
    if (!arguments_) return;
    const bool plain = words.size() == at + 1;
    if (!plain || arguments_->empty()) return arguments_.reset();
    arguments_->erase(arguments_->begin());
    return;
  }
  std::size_t i = at + 1;
  while (i < words.size() && is_option(words[i]) && words[i].text != "--") {
    if (words[i].text == "-o" || words[i].text == "+o") ++i;
    ++i;
  }
  const bool replaced = i < words.size();
  if (!replaced) {
    --argument_changes_;
    return;
  }
  if (words[i].text == "--") ++i;
  std::vector<Value> values;
  bool known = true;
  for (; i < words.size(); ++i) {
    known &= words[i].known && !words[i].glob;
    values.push_back(Value::known(words[i].text));
  }
  arguments_.reset();
  if (known) arguments_ = std::move(values);
}

void Evaluator::define_aliases(const Words& words, std::size_t at) {
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].text.find('=');
    if (equals == std::string::npos || equals == 0) continue;
    if (!words[i].known) {
      problem("an alias stands for something that is not on the line");
      continue;
    }
    aliases_.insert_or_assign(words[i].text.substr(0, equals), words[i].text.substr(equals + 1));
  }
}

// Its text is listed in the trap's place; an unknown one leaves the trap to be judged.
bool Evaluator::set_trap(const Words& words, std::size_t at) {
  std::size_t i = at + 1;
  if (i < words.size() && words[i].text == "--") ++i;
  if (i + 1 >= words.size() || !words[i].known) return false;
  const std::string& text = words[i].text;
  if (text.empty() || text == "-") return true;  // the trap is taken away
  if (text[0] == '-') return false;
  maybe([&] { run_text(text, "trap"); });
  return true;
}

}  // namespace prodaccess::shell
