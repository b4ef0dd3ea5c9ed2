// What it means to read or write the file of a name, where the name alone tells.
#pragma once

#include <optional>
#include <string_view>

#include "core/command/effect.h"

namespace prodaccess {

struct PathFinding {
  Effect effect = Effect::Write;
  std::string_view why;
};

// Writing new content to `path`. Read: nothing is kept (/dev/null, a terminal, a descriptor).
PathFinding writing_to(std::string_view path);

// Reading `path`: Read, Exfil where it holds secrets, Opaque where it is a connection.
PathFinding reading_from(std::string_view path);

}  // namespace prodaccess
