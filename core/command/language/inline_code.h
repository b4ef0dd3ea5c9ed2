// Inline code of interpreters (`python -c`, `node -e`, `perl -e`, `awk`, `sed`): harmless where all
// that it uses is known to be, else opaque; commands and deletions that it names raise that.
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/understand.h"

namespace prodaccess {

SqlFinding classify_inline_code(Language language, std::string_view code, Inner& inner);

}  // namespace prodaccess
