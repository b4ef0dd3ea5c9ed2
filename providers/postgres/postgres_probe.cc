#include "providers/postgres/postgres_probe.h"

#include "core/base/text.h"
#include "providers/postgres/admin_login.h"
#include "providers/postgres/grant_role.h"
#include "providers/postgres/read_only_check.h"

namespace prodaccess {
namespace {

using State = ProbeFinding::State;
using Findings = std::vector<ProbeFinding>;

std::string version_text(int version) {
  return std::to_string(version / 10000) + "." + std::to_string(version % 10000);
}

void probe_server(const PostgresParameters& parameters, SqlSession& session,
                  const AdminState& admin, Findings& findings) {
  findings.push_back({State::Good, "reachability",
                      parameters.admin.server() + ", version " + version_text(session.version()) +
                          (session.encrypted() ? ", with TLS" : ", without TLS"),
                      ""});
  if (parameters.tls == "require" || parameters.tls == "verify-ca") {
    findings.push_back({State::Warning, "server identity",
                        "the server's name is not checked (tls = \"" + parameters.tls + "\")",
                        "tls = \"verify-full\", ca_file = \"/path/to/authority.pem\""});
  }
  const bool skewed = admin.skew > AdminState::kMostSkew;
  findings.push_back({skewed ? State::Bad : State::Good, "clock skew", format_duration(admin.skew),
                      skewed ? "set this machine's clock: timedatectl set-ntp true" : ""});
  if (admin.standby) {
    findings.push_back({State::Bad, "server", "it is a standby: it makes no roles",
                        "name the primary in the role's 'server'"});
  }
}

void probe_admin(const AdminState& admin, Findings& findings) {
  const std::string user = escape_for_terminal(admin.user);
  findings.push_back({State::Good, "identity", user, ""});
  if (!admin.may_create_roles) {
    findings.push_back({State::Bad, "making roles", user + " may not make roles",
                        "ALTER ROLE " + user + " CREATEROLE"});
  } else if (admin.superuser) {
    findings.push_back({State::Warning, "making roles",
                        user + " is a superuser: more than it needs",
                        "CREATE ROLE provisioner LOGIN CREATEROLE"});
  } else {
    findings.push_back({State::Good, "making roles", user + " may", ""});
  }
}

// From PostgreSQL 16 on CREATEROLE alone does not let a login give memberships away.
bool may_grant(SqlSession& session, const AdminState& admin, const std::string& role) {
  if (admin.superuser || session.version() < 160'000) return true;
  const SqlRows rows = session.run("SELECT pg_catalog.pg_has_role(current_user, " +
                                   session.literal(role) + ", 'MEMBER WITH ADMIN OPTION')");
  return !rows.empty() && rows.front().at(0) == "t";
}

void probe_memberships(SqlSession& session, const AdminState& admin, const std::string& tier,
                       const std::vector<std::string>& names, Findings& findings) {
  const auto missing = missing_roles(session, names);
  if (!missing.empty()) {
    findings.push_back({State::Bad, tier,
                        "there is no role " + escape_for_terminal(join(missing, ", ")),
                        "mend member_of, or CREATE ROLE " + escape_for_terminal(missing.front())});
    return;
  }
  for (const std::string& name : names) {
    if (may_grant(session, admin, name)) continue;
    findings.push_back(
        {State::Bad, tier, admin.user + " may not grant " + escape_for_terminal(name),
         "GRANT " + escape_for_terminal(name) + " TO " + admin.user + " WITH ADMIN OPTION"});
  }
  findings.push_back(
      {State::Good, tier, "member of " + escape_for_terminal(join(names, ", ")), ""});
}

void probe_reading(SqlSession& session, const std::vector<std::string>& names, Findings& findings) {
  for (const std::string& name : names) {
    if (!missing_roles(session, {name}).empty()) continue;
    const auto beyond = beyond_reading(session, name);
    if (beyond.empty()) continue;
    findings.push_back({State::Bad, "read tier",
                        escape_for_terminal(name + " may do more than read: " + join(beyond, ", ")),
                        "before PostgreSQL 15: REVOKE CREATE ON SCHEMA public FROM PUBLIC"});
  }
  const SqlRows others = session.run(
      "SELECT pg_catalog.string_agg(d.datname, ', ' ORDER BY d.datname) FROM "
      "pg_catalog.pg_database d WHERE d.datallowconn AND NOT d.datistemplate "
      "AND d.datname <> pg_catalog.current_database() "
      "AND pg_catalog.has_database_privilege('public', d.oid, 'CONNECT')");
  const std::string open = others.empty() ? "" : others.front().at(0);
  if (open.empty()) return;
  findings.push_back({State::Warning, "read tier",
                      "any login may also connect to " + escape_for_terminal(open.substr(0, 200)) +
                          ", where its privileges are not checked",
                      "REVOKE CONNECT ON DATABASE ... FROM PUBLIC   for each of them"});
}

}  // namespace

std::vector<ProbeFinding> probe_postgres(const Role& role, const PostgresParameters& parameters,
                                         SqlSession& session, const Clock& clock) {
  Findings findings;
  const AdminState admin = look_around(session, clock);
  probe_server(parameters, session, admin, findings);
  probe_admin(admin, findings);
  const bool two_tiers = parameters.has_read_tier();
  probe_memberships(session, admin, two_tiers ? "wide tier" : "privileges", parameters.member_of,
                    findings);
  if (two_tiers) {
    probe_memberships(session, admin, "read tier", parameters.read_member_of, findings);
  }
  if (two_tiers || role.narrowed == Effect::Read) {
    probe_reading(session, two_tiers ? parameters.read_member_of : parameters.member_of, findings);
  }
  const auto stale = stale_grant_roles(session);
  if (!stale.empty()) {
    findings.push_back({State::Warning, "leftovers",
                        "roles whose time has passed are still there: " + join(stale, ", "),
                        "the next request drops those that the admin login may drop"});
  }
  findings.push_back(
      {State::Good, "revocation", "drops the role and ends its sessions, at once", ""});
  return findings;
}

}  // namespace prodaccess
