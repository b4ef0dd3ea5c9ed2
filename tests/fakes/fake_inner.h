// FakeInner: an Inner for tests of the pack matcher. It records what it was asked, gives commands
// back to a PackSet, and answers files and variables from maps.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/command/inner.h"
#include "core/command/pack/pack_set.h"

namespace prodaccess {

class FakeInner : public Inner {
 public:
  explicit FakeInner(const PackSet* packs = nullptr) : packs_(packs) {}

  Invocation command(const Words& words) override {
    std::string line;
    for (const Word& word : words) line += (line.empty() ? "" : " ") + shown(word);
    asked.push_back("command " + line);
    return packs_ == nullptr ? part(Effect::Read) : packs_->match(words, *this);
  }
  Invocation shell(const Word& text) override {
    asked.push_back("shell " + shown(text));
    return part(Effect::Opaque);
  }
  Invocation code(Language language, const Word& text) override {
    asked.push_back("code " + std::to_string(static_cast<int>(language)) + " " + shown(text));
    return part(Effect::Read);
  }
  std::optional<std::string> file(const Word& path) override {
    const auto found = files.find(path.text);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<std::string> standard_input() override { return input; }
  std::optional<std::string> variable(std::string_view name) override {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }

  std::vector<std::string> asked;
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> variables;
  std::optional<std::string> input;

 private:
  static std::string shown(const Word& word) { return word.known ? word.text : word.text + "<?>"; }
  static Invocation part(Effect effect) {
    Invocation invocation;
    invocation.effect = effect;
    return invocation;
  }

  const PackSet* packs_;
};

}  // namespace prodaccess
