// psql's input: SQL and client commands (`\d`, `\copy`, `\!`), taken apart as psql does (psql(1)).
//
// Variables are kept harmless: `:'x'` becomes a text and `:"x"` a name; a bare `:x` may become
// anything, so its piece says so. Data of COPY ... FROM STDIN is left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

struct PsqlPiece {
  enum class Kind { Sql, Command };
  Kind kind = Kind::Sql;
  std::string text;            // SQL, or the arguments of the command
  std::string name;            // of the command, without its backslash
  bool variables = false;      // SQL: some were put in
  bool raw_variables = false;  // SQL: a bare one, which may be any text
  bool suspect_data = false;   // SQL: COPY data that psql runs as commands where COPY fails
};

// Whether `text` may hold anything but plain SQL.
bool needs_psql_script(std::string_view text);

std::vector<PsqlPiece> split_psql_script(std::string_view text);

}  // namespace prodaccess
