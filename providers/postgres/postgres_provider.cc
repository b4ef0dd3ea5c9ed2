#include "providers/postgres/postgres_provider.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/postgres/admin_login.h"
#include "providers/postgres/grant_role.h"
#include "providers/postgres/postgres_probe.h"
#include "providers/postgres/read_only_check.h"

namespace prodaccess {

namespace {

constexpr std::size_t kPasswordBytes = 24;
constexpr const char* kHandleMiddle = " at ";

PostgresParameters parameters_of(const Role& role) {
  return read_postgres_parameters(role.parameters);
}

std::string place_of(const PostgresParameters& parameters) {
  return parameters.admin.server() + "/" + parameters.admin.database;
}

// The tier that reads must be just that, by the server's own word.
bool must_only_read(const Role& role, const PostgresParameters& parameters, Tier tier) {
  return role.narrowed == Effect::Read || (tier == Tier::Read && parameters.has_read_tier());
}

// Ends the role again where the credential could not be had.
class RoleGuard {
 public:
  RoleGuard(OpenSession open, const PostgresParameters& parameters, std::string name)
      : open_(std::move(open)), parameters_(parameters), name_(std::move(name)) {}
  RoleGuard(const RoleGuard&) = delete;
  RoleGuard& operator=(const RoleGuard&) = delete;
  ~RoleGuard() {
    if (name_.empty()) return;
    try {
      end_grant_role(open_, parameters_.admin.database, name_, parameters_.owned,
                     parameters_.reassign_to);
    } catch (const std::exception&) {
      return;  // the first failure is the one to tell; the handle is on record
    }
  }
  void keep() { name_.clear(); }

 private:
  OpenSession open_;
  const PostgresParameters& parameters_;
  std::string name_;
};

std::string comment_for(const IssueRequest& request) {
  std::string text = request.grant_id + " role=" + request.role.name + " person=" + request.person;
  if (!request.access.ticket.empty()) text += " ticket=" + request.access.ticket;
  if (!request.access.reason.empty()) text += " reason=" + request.access.reason;
  return escape_for_terminal(text).substr(0, 500);
}

void require_narrow(SqlSession& session, const std::string& name) {
  const auto beyond = beyond_reading(session, name);
  if (beyond.empty()) return;
  throw Error(ErrorCode::Provider,
              "the read tier may do more than read: " + escape_for_terminal(join(beyond, ", ")),
              {"take it from those roles and from PUBLIC, or name others in member_of",
               "before PostgreSQL 15: REVOKE CREATE ON SCHEMA public FROM PUBLIC"});
}

void put(Credential& credential, const char* name, const std::string& value) {
  credential.fields.emplace(name, Secret(value));
}

}  // namespace

PostgresProvider::PostgresProvider(ConnectPostgres connect, const Clock& clock, Random& random)
    : connect_(std::move(connect)), clock_(clock), random_(random) {}

void PostgresProvider::check(const Role& role) const { parameters_of(role); }

std::vector<std::string> PostgresProvider::tools(const Role&) const {
  return {"psql",   "pgcli",    "pg_dump",   "pg_restore", "pg_isready", "createdb",
          "dropdb", "vacuumdb", "reindexdb", "clusterdb",  "pgbench",    "pg_amcheck"};
}

std::optional<Effect> PostgresProvider::narrowed(const Role& role) const {
  // Checked with the server at each issue (require_narrow).
  return role.narrowed == Effect::Read ? role.narrowed : std::nullopt;
}

bool PostgresProvider::has_tiers(const Role& role) const {
  return parameters_of(role).has_read_tier();
}

IssuedDescription PostgresProvider::describe(const Role& role) const {
  const PostgresParameters parameters = parameters_of(role);
  IssuedDescription words;
  words.target = parameters.admin.database + " on " + parameters.admin.server();
  words.notes.push_back("a login of its own, member of " + join(parameters.member_of, ", "));
  if (parameters.has_read_tier()) {
    words.notes.push_back("reads run as a member of " + join(parameters.read_member_of, ", "));
  }
  return words;
}

std::string PostgresProvider::shape(const Role& role) const {
  const PostgresParameters parameters = parameters_of(role);
  return canonical_json({{"user", parameters.admin.user},
                         {"place", place_of(parameters)},
                         {"tls", parameters.tls},
                         {"ca_file", parameters.ca_file},
                         {"member_of", parameters.member_of},
                         {"read_member_of", parameters.read_member_of},
                         {"connection_limit", parameters.connection_limit},
                         {"settings", parameters.settings},
                         {"narrowed", role.narrowed == Effect::Read}});
}

OpenSession PostgresProvider::opener(const PostgresParameters& parameters) const {
  return [this, parameters](const std::string& database) { return connect_(parameters, database); };
}

// What ended by itself and was never revoked: its password opens nothing any more, but it should
// not stand there for ever.
void PostgresProvider::drop_stale_roles(const PostgresParameters& parameters,
                                        SqlSession& session) const {
  for (const std::string& name : stale_grant_roles(session)) {
    try {
      end_grant_role(opener(parameters), parameters.admin.database, name, parameters.owned,
                     parameters.reassign_to);
    } catch (const Error&) {
      continue;  // another admin's, perhaps; `doctor` counts what is left
    }
  }
}

Issued PostgresProvider::issue(const IssueRequest& request, const HandleObserver& on_handle) {
  const PostgresParameters parameters = parameters_of(request.role);
  const std::vector<std::string>& memberships = parameters.memberships(request.tier);
  const auto session = connect_(parameters, parameters.admin.database);
  require_able(*session, clock_, parameters, memberships);
  drop_stale_roles(parameters, *session);
  const bool only_reads = must_only_read(request.role, parameters, request.tier);
  const GrantRole role{grant_role_name(request.person, hex(random_.bytes(8))),
                       memberships,
                       parameters.connection_limit,
                       parameters.settings,
                       only_reads,
                       request.until,
                       comment_for(request)};
  Secret password = seal(base64url(random_.bytes(kPasswordBytes)));
  Credential credential;
  credential.handle = role.name + kHandleMiddle + place_of(parameters);
  on_handle(credential.handle);
  RoleGuard guard(opener(parameters), parameters, role.name);
  create_grant_role(*session, role, password);
  if (only_reads) require_narrow(*session, role.name);
  guard.keep();
  credential.tier = request.tier;
  credential.issued_at = clock_.wall_now();
  credential.issued_boot = clock_.boot_now();
  credential.boot_id = clock_.boot_id();
  credential.expires_at = request.until;
  put(credential, "username", role.name);
  put(credential, "host", parameters.admin.host);
  put(credential, "port", parameters.admin.port);
  put(credential, "database", parameters.admin.database);
  credential.fields.emplace("password", std::move(password));
  IssuedDescription words = describe(request.role);
  words.identity = role.name;
  return {std::move(credential), std::move(words)};
}

std::optional<Issued> PostgresProvider::renew(const IssueRequest& request,
                                              const Credential& credential) {
  const PostgresParameters parameters = parameters_of(request.role);
  const auto session = connect_(parameters, parameters.admin.database);
  const std::string name(credential.fields.at("username").view());
  if (!is_grant_role_name(name) || !prolong_grant_role(*session, name, request.until)) {
    return std::nullopt;
  }
  Issued issued;
  issued.credential = Credential::parse(credential.serialise().view());
  issued.credential.expires_at = request.until;
  issued.description = describe(request.role);
  issued.description.identity = name;
  return issued;
}

RevokeOutcome PostgresProvider::revoke(const Role& role, const std::string& handle,
                                       const Credential*) {
  const PostgresParameters parameters = parameters_of(role);
  const std::size_t middle = handle.find(kHandleMiddle);
  const std::string name = handle.substr(0, middle);
  if (middle == std::string::npos || !is_grant_role_name(name)) {
    throw Error(ErrorCode::Provider,
                "not a handle of the PostgreSQL provider: " + escape_for_terminal(handle));
  }
  const std::string place = handle.substr(middle + std::string_view(kHandleMiddle).size());
  if (place != place_of(parameters)) {
    throw Error(ErrorCode::Provider,
                "role " + name + " was made at " + escape_for_terminal(place) +
                    ", but the configuration now names " + place_of(parameters),
                {"name the old server again and revoke once more"});
  }
  const EndedRole ended = end_grant_role(opener(parameters), parameters.admin.database, name,
                                         parameters.owned, parameters.reassign_to);
  RevokeOutcome outcome;
  outcome.state = RevokeOutcome::State::Revoked;
  outcome.detail = "role " + name + " dropped, " + std::to_string(ended.sessions) + " session" +
                   (ended.sessions == 1 ? "" : "s") + " ended at the server";
  if (!ended.existed) outcome.detail = "role " + name + " is not there any more";
  return outcome;
}

std::vector<ProbeFinding> PostgresProvider::probe(const Role& role) {
  const PostgresParameters parameters = parameters_of(role);
  return probe_postgres(role, parameters, *connect_(parameters, parameters.admin.database), clock_);
}

std::vector<std::pair<std::string, Secret>> PostgresProvider::environment(
    const Role& role, const Credential& credential) const {
  const PostgresParameters parameters = parameters_of(role);
  std::vector<std::pair<std::string, Secret>> variables;
  for (const auto& [variable, field] :
       {std::pair{"PGHOST", "host"}, std::pair{"PGPORT", "port"},
        std::pair{"PGDATABASE", "database"}, std::pair{"PGUSER", "username"},
        std::pair{"PGPASSWORD", "password"}}) {
    variables.emplace_back(variable, credential.fields.at(field).duplicate());
  }
  if (!parameters.admin.is_socket()) {
    variables.emplace_back("PGSSLMODE", Secret(parameters.tls));
    if (parameters.tls == "require") variables.emplace_back("PGCHANNELBINDING", Secret("require"));
    if (parameters.tls.starts_with("verify")) {
      variables.emplace_back("PGSSLROOTCERT", Secret(parameters.authorities()));
    }
  }
  return variables;
}

std::vector<std::string> PostgresProvider::rival_variables() const { return {"PG*"}; }

}  // namespace prodaccess
