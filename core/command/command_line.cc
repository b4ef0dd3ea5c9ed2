#include "core/command/command_line.h"

#include "core/base/text.h"

namespace prodaccess {

std::string CommandLine::quoted() const {
  std::string text;
  for (const std::string& word : argv) {
    if (!text.empty()) text += ' ';
    text += shell_quote(word);
  }
  return text;
}

}  // namespace prodaccess
