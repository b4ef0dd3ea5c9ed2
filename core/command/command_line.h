// CommandLine: the argv after `exec --`, exactly as typed.
#pragma once

#include <string>
#include <vector>

namespace prodaccess {

struct CommandLine {
  std::vector<std::string> argv;  // [0] is the program; any word may be empty

  // The words quoted for a POSIX shell and joined; not yet escaped for a terminal.
  std::string quoted() const;
};

}  // namespace prodaccess
