// What ALTER TABLE and its like do: subcommands that drop, switch off or hand over.
#pragma once

#include "core/command/language/parse_tree.h"
#include "core/command/understand.h"

namespace prodaccess {

void judge_postgres_alter_table(const ParseTree& tree, ParseTree::Index statement,
                                SqlFinding& finding);

}  // namespace prodaccess
