// Where a PostgreSQL server is and who logs in there: postgresql://USER@HOST[:PORT]/DATABASE
// (libpq, "Connection URIs"), read strictly: one host, no password, no parameters. A Unix socket's
// folder stands percent-encoded in place of the host. Pure.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace prodaccess {

struct PostgresAddress {
  std::string user;
  std::string host;  // a name, an address without brackets, or the folder of a socket
  std::string port = "5432";
  std::string database;

  bool is_socket() const { return host.starts_with('/'); }
  bool is_loopback() const;
  // "HOST:PORT", the host in brackets where it has colons.
  std::string server() const;
};

// What is wrong with `text` goes to `problem`.
std::optional<PostgresAddress> parse_postgres_address(std::string_view text, std::string& problem);

}  // namespace prodaccess
