// Brace expansion (bash(1), Brace Expansion): {a,b}, {1..9}, {a..e..2}, nested and in rows.
#pragma once

#include <vector>

#include "core/command/shell/arena.h"
#include "core/command/shell/syntax.h"

namespace prodaccess::shell {

constexpr std::size_t kMostBraceWords = 512;
constexpr std::size_t kMostBraceBytes = 256U << 10U;

// Appends the words that `pieces` make. False: they are too many or nested too deep. A sequence
// longer than kMostBraceWords gives one piece whose text is unknown (a Parameter without a name).
bool expand_braces(const Piece* pieces, Arena& arena, std::vector<Piece*>& words);

}  // namespace prodaccess::shell
