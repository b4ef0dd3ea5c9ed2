// sql_evidence: what the words of a text show of worse effects, for text that cannot be judged by a
// grammar: bodies of code, statements newer than the parser. It only ever raises.
#pragma once

#include <string_view>

#include "core/command/effect.h"

namespace prodaccess {

// Read where nothing is shown. Words count wherever they stand, strings included (EXECUTE 'DROP').
Effect sql_evidence(std::string_view text);

}  // namespace prodaccess
