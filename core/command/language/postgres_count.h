// The harmless query that counts the rows a DELETE or UPDATE of PostgreSQL would touch.
#pragma once

#include <string>
#include <string_view>

#include "core/command/language/postgres_statement.h"

namespace prodaccess {

// `statement`: the text of one DELETE or UPDATE that parses. "" where no query of the same rows is
// known to be harmless: WITH clauses, cursors, functions that are unknown or answer otherwise the
// second time. To be run in BEGIN READ ONLY with statement_timeout and lock_timeout.
std::string postgres_count_query(std::string_view statement, PostgresContext& context);

}  // namespace prodaccess
