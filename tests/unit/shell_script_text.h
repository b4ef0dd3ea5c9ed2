// A Script as one line of text, for tests: commands divided by " ; ", a word's marks behind it:
// `?` unknown, `+` may become many, `*` a pattern. Redirects and input follow the words.
#pragma once

#include <string>

#include "core/base/text.h"
#include "core/command/shell/script.h"

namespace prodaccess {

inline std::string word_text(const Word& word) {
  std::string text = shell_quote(word.text);
  if (!word.known) text += '?';
  if (word.splits) text += '+';
  if (word.glob) text += '*';
  return text;
}

inline std::string script_text(const Script& script) {
  static const char* const kRedirects[] = {"<", ">", ">>", "<>", ">|", "<<", "<<<", ">&"};
  std::string text;
  for (const SimpleCommand& command : script.commands) {
    if (!text.empty()) text += " ; ";
    std::string one;
    const auto add = [&](const std::string& part) { one += (one.empty() ? "" : " ") + part; };
    for (const auto& [name, value] : command.assignments) add(name + "=" + word_text(value));
    for (const Word& word : command.words) add(word_text(word));
    for (const Redirect& redirect : command.redirects) {
      add(std::to_string(redirect.descriptor) + kRedirects[static_cast<int>(redirect.kind)] +
          word_text(redirect.target));
    }
    if (command.input) add("{in " + word_text(*command.input) + "}");
    text += one;
  }
  for (const std::string& problem : script.problems) text += " !! " + problem;
  return text;
}

}  // namespace prodaccess
