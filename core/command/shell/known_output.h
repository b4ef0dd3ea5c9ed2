// What a command writes to standard output, where its words tell: echo, printf, cat and the silent
// builtins.
#pragma once

#include <optional>
#include <string>

#include "core/command/shell/script.h"

namespace prodaccess {

// Absent: it cannot be told from the line. `shell`s differ on backslashes in `echo`; where that
// matters the output is not known.
std::optional<std::string> known_output(const SimpleCommand& command);

}  // namespace prodaccess
