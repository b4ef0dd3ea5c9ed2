// What one of psql's client commands does (psql(1), "Meta-Commands").
#pragma once

#include "core/command/language/postgres_statement.h"
#include "core/command/language/psql_script.h"

namespace prodaccess {

struct PsqlCommandFinding {
  SqlFinding finding;
  bool shows_only = false;  // neither changes the session nor the flow of the script
};

PsqlCommandFinding judge_psql_command(const PsqlPiece& command, PostgresContext& context);

}  // namespace prodaccess
