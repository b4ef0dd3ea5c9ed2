#include "core/os/standard_input.h"

#include <unistd.h>

#include <cerrno>

namespace prodaccess {

std::optional<std::string> read_input_line(std::size_t limit) {
  std::string line;
  line.reserve(limit < 4096 ? limit : 4096);  // a secret is not copied while it grows
  char byte = 0;
  while (line.size() < limit) {
    const ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 && line.empty()) return std::nullopt;
    if (got <= 0 || byte == '\n') break;
    line += byte;
  }
  return line;
}

}  // namespace prodaccess
