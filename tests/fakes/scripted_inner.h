// An Inner that answers from a script: which shell commands do what, and which files exist.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/command/inner.h"

namespace prodaccess {

class ScriptedInner : public Inner {
 public:
  std::map<std::string, std::string, std::less<>> files;
  std::vector<std::string> asked;  // the shell texts that were asked about

  Invocation command(const Words& words) override {
    std::string text;
    for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text;
    return shell(Word{text});
  }

  // Knows a few first words, and so what stands behind them.
  Invocation shell(const Word& text) override {
    asked.push_back(text.text);
    Invocation invocation;
    const std::string first = text.text.substr(0, text.text.find_first_of(" \t;|"));
    if (first == "rm" || first == "shred") {
      invocation.effect = Effect::Destructive;
    } else if (first == "ls" || first == "cat" || first == "echo" || first == "date" ||
               first == "less" || first == "grep" || first == "wc" || first == "sort" ||
               first == "uname") {
      invocation.effect = Effect::Read;
    } else if (first == "touch") {
      invocation.effect = Effect::Write;
    }
    if (text.text.find("rm -rf") != std::string::npos) invocation.effect = Effect::Destructive;
    return invocation;
  }

  Invocation code(Language, const Word&) override { return {}; }

  std::optional<std::string> file(const Word& path) override {
    const auto found = files.find(path.text);
    return found == files.end() ? std::nullopt : std::optional<std::string>(found->second);
  }
  std::optional<std::string> standard_input() override { return std::nullopt; }
  std::optional<std::string> variable(std::string_view) override { return std::nullopt; }
};

}  // namespace prodaccess
