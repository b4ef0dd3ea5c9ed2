// The classifiers of the SQL dialects that are judged by a lexer: each statement by its leading
// words, its WHERE and the functions it calls.
//
// Sources: MySQL 8.0 reference manual, ch. 6.5.1 (client) and 15; MariaDB knowledge base; SQLite
// "Command Line Shell", "SQL As Understood By SQLite"; BigQuery "GoogleSQL statements".
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/understand.h"

namespace prodaccess {

SqlFinding classify_mysql(std::string_view text, Inner& inner);
SqlFinding classify_sqlite(std::string_view text, Inner& inner);
SqlFinding classify_bigquery(std::string_view text, Inner& inner);

// Any other server's: SQL Server, Oracle, Snowflake, ClickHouse, Cassandra. An unknown leading word
// or function is opaque.
SqlFinding classify_general_sql(std::string_view text, Inner& inner);

}  // namespace prodaccess
