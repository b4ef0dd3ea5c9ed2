#include "cli/terminal_prompt.h"

#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {

Secret TerminalPrompt::ask_secret(const std::string& question) { return ask_with(question, true); }

std::string TerminalPrompt::ask(const std::string& question) {
  return std::string(ask_with(question, false).view());
}

void TerminalPrompt::tell(const std::string& line) { warn(line); }

std::string TerminalPrompt::place() const {
  return terminal_ != nullptr && terminal_->foreground() ? terminal_->name() : "";
}

Secret TerminalPrompt::ask_with(const std::string& question, bool hidden) {
  if (terminal_ == nullptr || !terminal_->foreground()) {
    throw Error(
        ErrorCode::Denied,
        "nobody can be asked here: \"" + escape_for_terminal(question) + "\" needs a terminal",
        {"run it in the foreground of a terminal"});
  }
  Question asked;
  asked.prompt = escape_for_terminal(question) + " ";
  asked.by_hand = false;  // codes and passphrases are pasted from managers
  asked.hidden = hidden;
  Answer answer = terminal_->ask(asked);
  if (answer.kind == Answer::Kind::Given) return std::move(answer.text);
  throw Error(ErrorCode::Denied,
              "no answer to \"" + escape_for_terminal(question) + "\": " + answer.why);
}

}  // namespace prodaccess
