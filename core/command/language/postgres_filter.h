// Whether a WHERE clause of PostgreSQL really narrows the rows, or is true for all (or nearly all)
// of them: `true`, `1=1`, `x = x`, `id > 0`, `name LIKE '%'`, `id IN (SELECT id FROM t)`.
#pragma once

#include "core/command/language/parse_tree.h"

namespace prodaccess {

// `clause`: the wrapped expression, or kNone for no clause at all. In doubt a comparison with a
// value narrows; what nests too deep does not.
bool narrows(const ParseTree& tree, ParseTree::Index clause);

}  // namespace prodaccess
