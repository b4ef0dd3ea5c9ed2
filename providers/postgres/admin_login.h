// The admin login: what it is and may do at the server, asked before anything is made with it.
//
// Errors: Error{Provider}, with the statement that mends it as hint.
#pragma once

#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/os/clock.h"
#include "providers/postgres/postgres_parameters.h"
#include "providers/postgres/sql_session.h"

namespace prodaccess {

// What the server says of the login and of itself.
struct AdminState {
  static constexpr Seconds kMostSkew{120};
  std::string user;
  bool superuser = false;
  bool may_create_roles = false;
  bool standby = false;
  Seconds skew{0};  // of the server's clock against ours
};

AdminState look_around(SqlSession& session, const Clock& clock);

// Those of `names` that are no roles at the server.
std::vector<std::string> missing_roles(SqlSession& session, const std::vector<std::string>& names);

// Throws where a role with these memberships could not be made.
void require_able(SqlSession& session, const Clock& clock, const PostgresParameters& parameters,
                  const std::vector<std::string>& memberships);

}  // namespace prodaccess
