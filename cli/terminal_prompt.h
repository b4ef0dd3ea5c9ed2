// TerminalPrompt: a provider's questions, asked at the controlling terminal.
#pragma once

#include "core/grant/provider.h"
#include "core/os/terminal.h"

namespace prodaccess {

class TerminalPrompt final : public Prompt {
 public:
  // `terminal` may be null: then every question throws Error{Denied}.
  explicit TerminalPrompt(Terminal* terminal) : terminal_(terminal) {}

  Secret ask_secret(const std::string& question) override;
  std::string ask(const std::string& question) override;
  void tell(const std::string& line) override;
  std::string place() const override;

 private:
  Secret ask_with(const std::string& question, bool hidden);
  Terminal* terminal_;
};

}  // namespace prodaccess
