#include "providers/postgres/grant_role.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kPrefix = "prodaccess_";
constexpr const char* kCommentStart = "prodaccess grant";
constexpr std::size_t kLongestPerson = 20;
constexpr int kMostRounds = 50;  // of asking whether the sessions are gone
constexpr Milliseconds kBetweenRounds{100};

constexpr const char* kUndefinedObject = "42704";
constexpr const char* kNoPrivilege = "42501";
constexpr const char* kReadOnly = "25006";
constexpr const char* kStillDependedOn = "2BP01";

// The server takes whole seconds only from us: up, since the credential must last to its end.
std::string end_text(WallTime until) {
  return format_rfc3339(std::chrono::ceil<std::chrono::seconds>(until));
}

std::string identifiers(SqlSession& session, const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(session.identifier(name));
  return join(quoted, ", ");
}

std::string creation(SqlSession& session, const GrantRole& role, const std::string& verifier) {
  const std::string name = session.identifier(role.name);
  std::string sql = "CREATE ROLE " + name +
                    " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT" +
                    " CONNECTION LIMIT " + std::to_string(role.connection_limit) + " PASSWORD " +
                    session.literal(verifier) + " VALID UNTIL " +
                    session.literal(end_text(role.until)) + " IN ROLE " +
                    identifiers(session, role.member_of);
  for (const auto& [setting, value] : role.settings) {
    sql += "; ALTER ROLE " + name + " SET " + setting + " = " + session.literal(value);
  }
  if (role.read_only) sql += "; ALTER ROLE " + name + " SET default_transaction_read_only = on";
  return sql + "; COMMENT ON ROLE " + name + " IS " +
         session.literal(std::string(kCommentStart) + " " + role.comment);
}

[[noreturn]] void explain(const SqlError& error, const GrantRole& role) {
  const std::string all = join(role.member_of, ", ");
  if (error.sqlstate() == kNoPrivilege) {
    throw Error(
        ErrorCode::Provider,
        std::string(error.what()) + " (making a member of " + escape_for_terminal(all) + ")",
        {"the admin login needs CREATEROLE and, from PostgreSQL 16 on, the admin option: "
         "GRANT " +
         all + " TO admin WITH ADMIN OPTION"});
  }
  if (error.sqlstate() == kUndefinedObject) {
    throw Error(ErrorCode::Provider, error.what(), {"mend member_of and settings in the role"});
  }
  if (error.sqlstate() == kReadOnly) {
    throw Error(ErrorCode::Provider, error.what(),
                {"name the primary, not a standby, in the role's 'server'"});
  }
  throw;
}

std::string role_oid(SqlSession& session, const std::string& name) {
  const SqlRows rows =
      session.run("SELECT oid FROM pg_catalog.pg_roles WHERE rolname = " + session.literal(name));
  return rows.empty() ? "" : rows.front().at(0);
}

// Ends sessions until two looks in a row find none: a login may have been under way.
int end_sessions_of(SqlSession& session, const std::string& oid) {
  std::vector<std::string> seen;
  int empty_looks = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    const SqlRows rows = session.run(
        "SELECT pid, pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
        "WHERE usesysid = " +
        oid);
    for (const auto& row : rows) {
      if (std::find(seen.begin(), seen.end(), row.at(0)) == seen.end()) seen.push_back(row.at(0));
    }
    empty_looks = rows.empty() ? empty_looks + 1 : 0;
    if (empty_looks == 2) return static_cast<int>(seen.size());
    std::this_thread::sleep_for(kBetweenRounds);
  }
  throw Error(ErrorCode::Provider, "sessions of the role do not end at the server",
              {"SELECT pid FROM pg_stat_activity WHERE usesysid = " + oid});
}

// Where something of the role's is: the databases that must be visited before it can go.
std::vector<std::string> databases_of(SqlSession& session, const std::string& oid) {
  std::vector<std::string> names;
  for (const auto& row : session.run(
           "SELECT DISTINCT d.datname FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d "
           "ON d.oid = s.dbid WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass "
           "AND s.refobjid = " +
           oid)) {
    names.push_back(row.at(0));
  }
  return names;
}

void hand_over(SqlSession& session, const std::string& name, OwnedObjects owned,
               const std::string& reassign_to) {
  const std::string role = session.identifier(name);
  const std::string heir = reassign_to.empty() ? "CURRENT_USER" : session.identifier(reassign_to);
  const std::string first =
      owned == OwnedObjects::Reassign ? "REASSIGN OWNED BY " + role + " TO " + heir + "; " : "";
  session.run(first + "DROP OWNED BY " + role);
}

// A login that is no superuser must be a member to end the role's sessions and to hand over.
void join_role(SqlSession& session, const std::string& name) {
  const SqlRows rows = session.run("SELECT pg_catalog.pg_has_role(current_user, " +
                                   session.literal(name) + ", 'USAGE')");
  if (!rows.empty() && rows.front().at(0) == "t") return;
  session.run("GRANT " + session.identifier(name) + " TO CURRENT_USER");
}

void drop_role(SqlSession& session, const std::string& name) {
  try {
    session.run("DROP ROLE IF EXISTS " + session.identifier(name));
  } catch (const SqlError& error) {
    if (error.sqlstate() != kStillDependedOn) throw;
    throw Error(ErrorCode::Provider,
                "role " + name + " cannot log in any more, but something still depends on it",
                {"DROP OWNED BY " + name + "; DROP ROLE " + name});
  }
}

}  // namespace

void create_grant_role(SqlSession& session, const GrantRole& role, const Secret& password) {
  const std::string sql = creation(session, role, session.verifier(password, role.name));
  try {
    session.run(sql);
  } catch (const SqlError& error) {
    explain(error, role);
  }
}

bool prolong_grant_role(SqlSession& session, const std::string& name, WallTime until) {
  if (role_oid(session, name).empty()) return false;
  session.run("ALTER ROLE " + session.identifier(name) + " VALID UNTIL " +
              session.literal(end_text(until)));
  return true;
}

EndedRole end_grant_role(const OpenSession& open, const std::string& database,
                         const std::string& name, OwnedObjects owned,
                         const std::string& reassign_to) {
  EndedRole ended;
  const auto session = open(database);
  const std::string oid = role_oid(*session, name);
  if (oid.empty()) return ended;
  ended.existed = true;
  session->run("ALTER ROLE " + session->identifier(name) + " NOLOGIN");
  join_role(*session, name);
  ended.sessions = end_sessions_of(*session, oid);
  for (const std::string& where : databases_of(*session, oid)) {
    const auto other = where == database ? nullptr : open(where);
    hand_over(other ? *other : *session, name, owned, reassign_to);
    ended.handed_over_in.push_back(where);
  }
  drop_role(*session, name);
  const SqlRows left =
      session->run("SELECT 1 FROM pg_catalog.pg_roles WHERE oid = " + oid +
                   " UNION ALL SELECT 1 FROM pg_catalog.pg_stat_activity WHERE usesysid = " + oid);
  if (!left.empty()) {
    throw Error(ErrorCode::Provider, "role " + name + " is still there after it was dropped");
  }
  return ended;
}

std::vector<std::string> stale_grant_roles(SqlSession& session) {
  std::vector<std::string> names;
  for (const auto& row : session.run(
           "SELECT r.rolname FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_shdescription d "
           "ON d.objoid = r.oid AND d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass "
           "WHERE d.description LIKE '" +
           std::string(kCommentStart) +
           " %' AND r.rolvaliduntil < pg_catalog.now() - '10 minutes'::pg_catalog.interval "
           "ORDER BY r.rolvaliduntil LIMIT 8")) {
    if (is_grant_role_name(row.at(0))) names.push_back(row.at(0));
  }
  return names;
}

std::string grant_role_name(const std::string& person, const std::string& random) {
  std::string slug;
  for (const char c : to_lower(person)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (slug.size() < kLongestPerson) slug += plain ? c : '_';
  }
  return std::string(kPrefix) + slug + "_" + random;
}

bool is_grant_role_name(const std::string& name) {
  return name.starts_with(kPrefix) && name.size() <= 63 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

}  // namespace prodaccess
