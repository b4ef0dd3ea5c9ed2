// Shell lines: nothing crashes, nothing hides what stands before or behind it, and words that are
// known come back from their own quoting.
#include <cstdlib>
#include <iostream>

#include "core/base/text.h"
#include "core/command/shell/script.h"

using namespace prodaccess;

namespace {

[[noreturn]] void broken(const char* property, std::string_view line) {
  std::cerr << property << ": " << escape_for_terminal(std::string(line)) << '\n';
  std::abort();
}

bool is_marker(const SimpleCommand& command, std::string_view name) {
  return command.words.size() == 2 && command.words[0].text == name &&
         command.words[1].text == "marker" && command.words[0].known && command.words[1].known;
}

void check_quoting(const SimpleCommand& command) {
  std::string line;
  for (const Word& word : command.words) {
    if (!word.known || word.text.find('\0') != std::string::npos) return;
    line += (line.empty() ? "" : " ") + ("'" + join(split(word.text, '\''), "'\\''") + "'");
  }
  if (line.empty() || line.size() > (1U << 16U)) return;
  const Script again = parse_shell(": " + line, {});
  if (again.commands.size() != 1) broken("quoted words are one command", line);
  const Words& words = again.commands[0].words;
  if (words.size() != command.words.size() + 1) broken("quoting keeps the number of words", line);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].text != command.words[i - 1].text || !words[i].known || words[i].glob) {
      broken("quoting keeps every word", line);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line(reinterpret_cast<const char*>(data), size);
  const Script script = parse_shell(line, {});
  for (const SimpleCommand& command : script.commands) check_quoting(command);

  const Script behind = parse_shell("first marker\n" + line, {});
  if (behind.commands.empty() || !is_marker(behind.commands[0], "first")) {
    broken("what stands first is listed", line);
  }
  // What may swallow the line behind: a heredoc, an escape, a comment's end is a newline.
  if (!script.problems.empty() || line.find("<<") != std::string::npos || line.ends_with('\\')) {
    return 0;
  }
  const Script before = parse_shell(line + "\nlast marker", {});
  if (before.commands.empty() || !is_marker(before.commands.back(), "last")) {
    broken("what stands last is listed", line);
  }
  return 0;
}
