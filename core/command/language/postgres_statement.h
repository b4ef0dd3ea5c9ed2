// What one statement of PostgreSQL does, from its parse tree.
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/language/judged_statement.h"
#include "core/command/language/parse_tree.h"

namespace prodaccess {

// How queries inside a statement are asked about (dblink, EXECUTE of a text).
struct PostgresContext {
  PostgresParser* parser = nullptr;
  Inner& inner;
  int depth = 0;  // of queries inside queries
};

// `statement`: the wrapped node, {"DeleteStmt": {...}}.
JudgedStatement judge_postgres_statement(const ParseTree& tree, ParseTree::Index statement,
                                         PostgresContext& context);

}  // namespace prodaccess
