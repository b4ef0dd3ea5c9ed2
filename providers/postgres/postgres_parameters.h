// What a role of the PostgreSQL provider says in its [roles.NAME.postgres] table:
//
//   postgres = { server = "postgresql://provisioner@db.internal:5432/orders",
//                member_of = ["orders_writer"], tiers.read = { member_of = ["orders_reader"] } }
//     server              the admin login that makes roles, and the database; no password in it
//     password_from       of that login: store (prodaccess postgres password; the default),
//                         pass-file (with pass_file), command (with password_command) or none
//     tls                 verify-full (the default), verify-ca, require or, on loopback, disable
//     ca_file, client_certificate, client_key   PEM files
//     member_of           the roles whose privileges a grant has
//     tiers.read          { member_of = [...] }: what reads run with; sessions begin read-only
//     connection_limit    sessions at once, 10
//     settings            { statement_timeout = "30s" }: how its sessions begin
//     owned               what becomes of what it made: reassign (the default) or drop
//     reassign_to         who gets it; the admin login
//
// Errors: Error{Config} with FILE:LINE:COLUMN.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/config_table.h"
#include "core/grant/credential.h"
#include "providers/postgres/postgres_address.h"

namespace prodaccess {

enum class PostgresPassword { Store, PassFile, Command, None };
enum class OwnedObjects { Reassign, Drop };

struct PostgresParameters {
  PostgresAddress admin;
  PostgresPassword password_from = PostgresPassword::Store;
  std::string pass_file;
  std::vector<std::string> password_command;
  std::string tls;  // libpq's sslmode
  std::string ca_file;
  std::string client_certificate;
  std::string client_key;
  std::vector<std::string> member_of;
  std::vector<std::string> read_member_of;  // empty: no read tier
  std::int64_t connection_limit = 10;
  std::vector<std::pair<std::string, std::string>> settings;
  OwnedObjects owned = OwnedObjects::Reassign;
  std::string reassign_to;  // "": the admin login

  // The PEM file of the authorities that the server's certificate is checked against.
  const std::string& authorities() const;
  bool has_read_tier() const { return !read_member_of.empty(); }
  const std::vector<std::string>& memberships(Tier tier) const {
    return tier == Tier::Read && has_read_tier() ? read_member_of : member_of;
  }
};

PostgresParameters read_postgres_parameters(ConfigTable table);

}  // namespace prodaccess
