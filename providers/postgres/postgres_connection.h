// PostgresConnection: a SqlSession by libpq, in its asynchronous form, so that a server that hangs,
// drips or never ends costs a deadline and a bounded piece of memory.
//
// Nothing of the connection comes from the environment or from files in the home folder: the PG*
// variables are out of sight while libpq connects. A session begins with an empty search_path, so
// that no function or operator of a user's making can stand in for the system's own
// (CVE-2018-1058).
#pragma once

#include <memory>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "providers/postgres/postgres_parameters.h"
#include "providers/postgres/sql_session.h"

namespace prodaccess {

// What proves the login: a password, or a pass file that libpq looks it up in; neither for a
// server that asks for none.
struct AdminPassword {
  Secret password;
  std::string pass_file;
};

// Throws Error{Provider} in at most 15 s (and the resolver's own time), with the server's reason.
std::unique_ptr<SqlSession> connect_postgres(const PostgresParameters& parameters,
                                             const std::string& database,
                                             const AdminPassword& password);

}  // namespace prodaccess
