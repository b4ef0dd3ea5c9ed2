// PostgresProvider: a login role at a PostgreSQL server, made for one credential and dropped at its
// end, for teams without a broker of their own (Vault's database engine).
//
// Fields: "username", "password", "host", "port", "database". Handles: "ROLE at
// HOST:PORT/DATABASE", told before the role is made. The child gets PGHOST, PGPORT, PGUSER,
// PGPASSWORD, PGDATABASE and the TLS settings; the admin login never leaves this process.
//
// The server checks a role's end at each login, not later: a session that is open then is ended by
// prodaccess (the watcher here; `revoke` at the server).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/grant/provider.h"
#include "core/os/clock.h"
#include "core/os/random.h"
#include "providers/postgres/postgres_parameters.h"
#include "providers/postgres/sql_session.h"

namespace prodaccess {

// Opens the admin login's session in a database; `cli` gives the real one.
using ConnectPostgres = std::function<std::unique_ptr<SqlSession>(
    const PostgresParameters& parameters, const std::string& database)>;

class PostgresProvider final : public Provider {
 public:
  // `clock` and `random` must outlive it.
  PostgresProvider(ConnectPostgres connect, const Clock& clock, Random& random);

  std::string name() const override { return "postgres"; }
  void check(const Role& role) const override;
  std::vector<std::string> tools(const Role& role) const override;
  std::optional<Effect> narrowed(const Role& role) const override;
  bool has_tiers(const Role& role) const override;
  IssuedDescription describe(const Role& role) const override;
  std::string shape(const Role& role) const override;
  Issued issue(const IssueRequest& request, const HandleObserver& on_handle) override;
  std::optional<Issued> renew(const IssueRequest& request, const Credential& credential) override;
  RevokeOutcome revoke(const Role& role, const std::string& handle,
                       const Credential* credential) override;
  std::vector<ProbeFinding> probe(const Role& role) override;
  std::vector<std::pair<std::string, Secret>> environment(
      const Role& role, const Credential& credential) const override;
  std::vector<std::string> rival_variables() const override;

 private:
  OpenSession opener(const PostgresParameters& parameters) const;
  void drop_stale_roles(const PostgresParameters& parameters, SqlSession& session) const;

  ConnectPostgres connect_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace prodaccess
