// PostgreSQL's SQL, and psql's client commands among it.
//
// Grammar: PostgreSQL 15 through PostgresParser. Without a parser, or where a text does not parse,
// the text is opaque and the general lexer says what it shows of worse effects. psql: psql(1),
// "Meta-Commands"; \restrict as of 15.14.
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/understand.h"

namespace prodaccess {

// `depth`: how many queries this one stands inside of (dblink, query_to_xml, \i).
SqlFinding classify_postgres(std::string_view text, PostgresParser* parser, Inner& inner,
                             int depth = 0);

}  // namespace prodaccess
