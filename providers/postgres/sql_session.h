// SqlSession: one connection to a PostgreSQL server, as the provider needs it, so that tests can
// give another.
//
// Errors: Error{Provider}; SqlError where the server refused a statement. Threads: one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/secret.h"

namespace prodaccess {

// The server's own refusal, with its five-letter SQLSTATE.
class SqlError : public Error {
 public:
  SqlError(std::string sqlstate, const std::string& what, std::vector<std::string> hints = {})
      : Error(ErrorCode::Provider, what, std::move(hints)), sqlstate_(std::move(sqlstate)) {}
  const std::string& sqlstate() const { return sqlstate_; }

 private:
  std::string sqlstate_;
};

using SqlRows = std::vector<std::vector<std::string>>;

class SqlSession {
 public:
  virtual ~SqlSession() = default;
  // Several statements with ';' between them are one transaction. The rows of the last one; a NULL
  // is "".
  virtual SqlRows run(const std::string& sql) = 0;
  virtual std::string identifier(std::string_view name) = 0;
  virtual std::string literal(std::string_view text) = 0;
  // The SCRAM-SHA-256 verifier of a password (RFC 5803 form), made here: the password itself never
  // crosses the network nor stands in a server's log.
  virtual std::string verifier(const Secret& password, const std::string& role) = 0;
  virtual int version() = 0;  // 150020 for 15.20
  virtual bool encrypted() = 0;
};

// The admin login's session in `database`.
using OpenSession = std::function<std::unique_ptr<SqlSession>(const std::string& database)>;

}  // namespace prodaccess
