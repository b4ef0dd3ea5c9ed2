// What a query of PostgreSQL does wherever it stands: rows changed in CTEs, locks, SELECT INTO,
// functions with effects, secrets read from the catalogs.
#pragma once

#include "core/command/language/postgres_statement.h"

namespace prodaccess {

// Walks `node` (a wrapped or bare statement) and all below it.
void judge_postgres_query(const ParseTree& tree, ParseTree::Index node, PostgresContext& context,
                          JudgedStatement& into);

// The table that a RangeVar names.
void add_postgres_table(SqlFinding& finding, const ParseTree& tree, ParseTree::Index range_var);

}  // namespace prodaccess
