#include "providers/postgres/admin_login.h"

#include <charconv>
#include <chrono>

#include "core/base/text.h"

namespace prodaccess {

AdminState look_around(SqlSession& session, const Clock& clock) {
  const SqlRows rows = session.run(
      "SELECT r.rolname, r.rolsuper, r.rolsuper OR r.rolcreaterole, "
      "pg_catalog.pg_is_in_recovery(), "
      "pg_catalog.round(EXTRACT(epoch FROM pg_catalog.clock_timestamp())) "
      "FROM pg_catalog.pg_roles r WHERE r.rolname = current_user");
  if (rows.size() != 1 || rows.front().size() != 5) {
    throw Error(ErrorCode::Provider, "the server does not say who the admin login is");
  }
  const auto& row = rows.front();
  AdminState state{row[0], row[1] == "t", row[2] == "t", row[3] == "t", Seconds{0}};
  std::int64_t epoch = 0;
  std::from_chars(row[4].data(), row[4].data() + row[4].size(), epoch);
  const auto now = std::chrono::round<std::chrono::seconds>(clock.wall_now().time_since_epoch());
  state.skew = std::chrono::abs(Seconds{epoch} - now);
  return state;
}

std::vector<std::string> missing_roles(SqlSession& session, const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back("(" + session.literal(name) + ")");
  std::vector<std::string> missing;
  for (const auto& row : session.run("SELECT n FROM (VALUES " + join(quoted, ", ") +
                                     ") v(n) WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles "
                                     "WHERE rolname = n)")) {
    missing.push_back(row.at(0));
  }
  return missing;
}

void require_able(SqlSession& session, const Clock& clock, const PostgresParameters& parameters,
                  const std::vector<std::string>& memberships) {
  const AdminState state = look_around(session, clock);
  const std::string user = escape_for_terminal(state.user);
  if (state.standby) {
    throw Error(ErrorCode::Provider, parameters.admin.server() + " is a standby: it makes no roles",
                {"name the primary in the role's 'server'"});
  }
  if (!state.may_create_roles) {
    throw Error(ErrorCode::Provider,
                "the admin login " + user + " may not make roles at " + parameters.admin.server(),
                {"ALTER ROLE " + user + " CREATEROLE"});
  }
  if (state.skew > AdminState::kMostSkew) {
    throw Error(
        ErrorCode::Provider,
        "this machine's clock and the server's are " + format_duration(state.skew) + " apart",
        {"prodaccess doctor postgres"});
  }
  const auto missing = missing_roles(session, memberships);
  if (!missing.empty()) {
    throw Error(
        ErrorCode::Provider,
        "there is no role " + escape_for_terminal(join(missing, ", ")) + " at " +
            parameters.admin.server(),
        {"mend member_of in the role, or CREATE ROLE " + escape_for_terminal(missing.front())});
  }
}

}  // namespace prodaccess
