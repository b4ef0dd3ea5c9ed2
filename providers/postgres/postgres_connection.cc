#include "providers/postgres/postgres_connection.h"

#include <array>
#include <chrono>

#include "core/base/text.h"
#include "core/os/environment_aside.h"
#include "core/os/socket_wait.h"
#include "providers/postgres/postgres_library.h"

namespace prodaccess {
namespace {

constexpr Seconds kConnectPatience{15};
constexpr Seconds kStatementPatience{20};
// Of replies that are a few hundred bytes long; each read takes at most the socket's buffer.
constexpr int kMostReads = 256;
constexpr int kReceiveBuffer = 64 << 10;
constexpr int kOldestServer = 120'000;
// No such file: libpq then goes on without a certificate of the home folder.
constexpr const char* kNoFile = "/nonexistent";

using Deadline = std::chrono::steady_clock::time_point;

Deadline deadline_in(Seconds patience) { return std::chrono::steady_clock::now() + patience; }

Milliseconds left_until(Deadline deadline) {
  return std::max(Milliseconds{0}, std::chrono::duration_cast<Milliseconds>(
                                       deadline - std::chrono::steady_clock::now()));
}

// libpq's messages have a line for each address that it tried, advice on indented ones, and say at
// the end where a password came from.
std::string reason_in(const char* message) {
  std::string reason;
  for (const std::string& line : split(message, '\n')) {
    const bool aside = line.starts_with('\t') || line.starts_with("password retrieved from file");
    if (!trim(line).empty() && (reason.empty() || !aside)) reason = trim(line);
  }
  for (const std::string_view prefix : {"failed: ", "FATAL:  ", "ERROR:  "}) {
    const std::size_t at = reason.find(prefix);
    if (at != std::string::npos) reason = reason.substr(at + prefix.size());
  }
  return escape_for_terminal(reason.substr(0, 300));
}

std::vector<std::string> hints_for(const std::string& reason, const PostgresAddress& address) {
  const auto says = [&](const char* text) { return reason.find(text) != std::string::npos; };
  if (says("password authentication failed") || says("no password supplied")) {
    return {"prodaccess postgres password --role ROLE   keeps the right one",
            "with password_from = \"pass-file\" or \"command\": mend what that gives"};
  }
  if (says("pg_hba.conf")) return {"allow " + address.user + " from this host in pg_hba.conf"};
  if (says("certificate")) return {"name the server's authority in ca_file"};
  if (says("does not support SSL")) {
    return {"switch TLS on at the server; on loopback tls = \"disable\" will do"};
  }
  if (says("refused") || says("timeout") || says("translate host name")) {
    return {"check server in the role's table, and that PostgreSQL listens there"};
  }
  return {"mend server in the role's table: postgresql://USER@HOST:PORT/DATABASE"};
}

void ignore_notice(void*, const char*) {}

class Connection final : public SqlSession {
 public:
  Connection(PostgresAddress address, PGconn* connection)
      : address_(std::move(address)), pq_(postgres_library()), connection_(connection) {}
  ~Connection() override { pq_.finish(connection_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void establish();
  SqlRows run(const std::string& sql) override;
  std::string identifier(std::string_view name) override {
    return take_text(pq_.escape_identifier(connection_, name.data(), name.size()));
  }
  std::string literal(std::string_view text) override {
    return take_text(pq_.escape_literal(connection_, text.data(), text.size()));
  }
  std::string verifier(const Secret& password, const std::string& role) override {
    return take_text(
        pq_.encrypt_password(connection_, password.view().data(), role.c_str(), "scram-sha-256"));
  }
  int version() override { return pq_.server_version(connection_); }
  bool encrypted() override { return pq_.ssl_in_use(connection_) != 0; }

 private:
  std::string take_text(char* text);
  [[noreturn]] void fail_to_connect(const std::string& reason);
  [[noreturn]] void fail(const std::string& what);
  [[noreturn]] void refuse(const PGresult* result);
  void send(const std::string& sql, Deadline deadline);
  PGresult* next_result(Deadline deadline, int& reads);
  SqlRows rows_of(const PGresult* result) const;

  PostgresAddress address_;
  const PostgresLibrary& pq_;
  PGconn* connection_;
};

std::string Connection::take_text(char* text) {
  if (text == nullptr) fail(reason_in(pq_.error_message(connection_)));
  std::string copy = text;
  pq_.free_memory(text);
  return copy;
}

void Connection::fail_to_connect(const std::string& reason) {
  throw Error(ErrorCode::Provider,
              "cannot connect to PostgreSQL at " + address_.server() + " as " +
                  escape_for_terminal(address_.user) + ": " + reason,
              hints_for(reason, address_));
}

void Connection::fail(const std::string& what) {
  throw Error(ErrorCode::Provider, "PostgreSQL at " + address_.server() + ": " + what,
              {"prodaccess doctor postgres"});
}

void Connection::refuse(const PGresult* result) {
  const char* state = pq_.result_error_field(result, PG_DIAG_SQLSTATE);
  const char* message = pq_.result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  throw SqlError(
      state == nullptr ? "" : state,
      "PostgreSQL at " + address_.server() + " refused: " +
          (message == nullptr ? reason_in(pq_.error_message(connection_))
                              : escape_for_terminal(std::string(message).substr(0, 300))));
}

void Connection::establish() {
  if (connection_ == nullptr) fail_to_connect("out of memory");
  const Deadline deadline = deadline_in(kConnectPatience);
  pq_.set_notice_processor(connection_, ignore_notice, nullptr);
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  if (pq_.status(connection_) == CONNECTION_BAD) next = PGRES_POLLING_FAILED;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) fail_to_connect(reason_in(pq_.error_message(connection_)));
    const SocketWait what =
        next == PGRES_POLLING_READING ? SocketWait::Readable : SocketWait::Writable;
    if (!wait_for_socket(pq_.socket(connection_), what, left_until(deadline))) {
      fail_to_connect("no answer within " + format_duration(kConnectPatience));
    }
    next = pq_.connect_poll(connection_);
  }
  limit_receive_buffer(pq_.socket(connection_), kReceiveBuffer);
  pq_.set_nonblocking(connection_, 1);
  if (version() < kOldestServer) {
    throw Error(ErrorCode::Provider, "PostgreSQL at " + address_.server() + " is version " +
                                         std::to_string(version() / 10000) +
                                         "; the provider postgres needs 12 or later");
  }
  run("SELECT pg_catalog.set_config('search_path', '', false);"
      "SET statement_timeout = '15s'; SET lock_timeout = '10s';"
      "SET idle_in_transaction_session_timeout = '60s'");
}

void Connection::send(const std::string& sql, Deadline deadline) {
  if (pq_.send_query(connection_, sql.c_str()) != 1) {
    fail(reason_in(pq_.error_message(connection_)));
  }
  for (;;) {
    const int unsent = pq_.flush(connection_);
    if (unsent == 0) return;
    if (unsent < 0) fail(reason_in(pq_.error_message(connection_)));
    // The server may have to be heard before it reads on.
    if (!wait_for_socket(pq_.socket(connection_), SocketWait::Either, left_until(deadline))) {
      fail("it does not read within " + format_duration(kStatementPatience));
    }
    if (pq_.consume_input(connection_) != 1) fail(reason_in(pq_.error_message(connection_)));
  }
}

PGresult* Connection::next_result(Deadline deadline, int& reads) {
  while (pq_.is_busy(connection_) != 0) {
    if (++reads > kMostReads) fail("its reply has no end");
    if (!wait_for_socket(pq_.socket(connection_), SocketWait::Readable, left_until(deadline))) {
      fail("no reply within " + format_duration(kStatementPatience));
    }
    if (pq_.consume_input(connection_) != 1) fail(reason_in(pq_.error_message(connection_)));
  }
  return pq_.get_result(connection_);
}

SqlRows Connection::rows_of(const PGresult* result) const {
  SqlRows rows;
  for (int row = 0; row < pq_.row_count(result); ++row) {
    auto& values = rows.emplace_back();
    for (int column = 0; column < pq_.column_count(result); ++column) {
      values.emplace_back(pq_.value(result, row, column),
                          static_cast<std::size_t>(pq_.length(result, row, column)));
    }
  }
  return rows;
}

SqlRows Connection::run(const std::string& sql) {
  const Deadline deadline = deadline_in(kStatementPatience);
  send(sql, deadline);
  SqlRows rows;
  int reads = 0;
  std::unique_ptr<PGresult, decltype(pq_.clear)> refused(nullptr, pq_.clear);
  for (;;) {
    std::unique_ptr<PGresult, decltype(pq_.clear)> result(next_result(deadline, reads), pq_.clear);
    if (!result) break;
    const ExecStatusType status = pq_.result_status(result.get());
    if (status == PGRES_TUPLES_OK) {
      rows = rows_of(result.get());
    } else if (status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
      if (status != PGRES_FATAL_ERROR) fail("it answers what was not asked");
      refused = std::move(result);
    }
  }
  if (refused) refuse(refused.get());
  return rows;
}

}  // namespace

std::unique_ptr<SqlSession> connect_postgres(const PostgresParameters& parameters,
                                             const std::string& database,
                                             const AdminPassword& password) {
  const PostgresAddress& address = parameters.admin;
  // Encrypted but not verified, the server proves by channel binding that it knows the password.
  const bool bind = parameters.tls == "require" && !password.password.empty();
  const auto or_none = [](const std::string& path) {
    return path.empty() ? kNoFile : path.c_str();
  };
  std::vector<std::pair<const char*, const char*>> options = {
      {"host", address.host.c_str()},
      {"port", address.port.c_str()},
      {"user", address.user.c_str()},
      {"dbname", database.c_str()},
      {"sslmode", parameters.tls.c_str()},
      {"sslcert", or_none(parameters.client_certificate)},
      {"sslkey", or_none(parameters.client_key)},
      {"sslcrl", kNoFile},
      {"ssl_min_protocol_version", "TLSv1.2"},
      {"channel_binding", bind ? "require" : "prefer"},
      {"gssencmode", "disable"},
      {"client_encoding", "UTF8"},
      {"application_name", "prodaccess"},
      {"passfile", or_none(password.pass_file)},
      {"sslrootcert",
       parameters.tls.starts_with("verify") ? parameters.authorities().c_str() : kNoFile}};
  if (!password.password.empty()) options.emplace_back("password", password.password.view().data());
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : options) {
    names.push_back(name);
    values.push_back(value);
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  const EnvironmentAside aside("PG");
  auto connection = std::make_unique<Connection>(
      address, postgres_library().connect_start(names.data(), values.data(), 0));
  connection->establish();
  return connection;
}

}  // namespace prodaccess
