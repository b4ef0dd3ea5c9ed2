#include "providers/postgres/postgres_parameters.h"

#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace prodaccess;

namespace {

const std::string kServer = "server = 'postgresql://admin@db.internal/orders'\n";
const std::string kMember = "member_of = ['writer']\n";

PostgresParameters read(const std::string& text) {
  return read_postgres_parameters(parse_toml(text, "c.toml", ErrorCode::Config));
}

std::string failure(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

std::string address(std::string_view text) {
  std::string problem;
  const auto found = parse_postgres_address(text, problem);
  return found ? found->user + " " + found->server() + " " + found->database : problem;
}

}  // namespace

TEST_CASE("an address of a PostgreSQL login is one user, host and database, and no password") {
  CHECK(address("postgresql://admin@db.internal/orders") == "admin db.internal:5432 orders");
  CHECK(address("postgres://a%20b@DB:6543/my%2Fdb") == "a b DB:6543 my/db");
  CHECK(address("postgresql://admin@[::1]:6543/orders") == "admin [::1]:6543 orders");
  CHECK(address("postgresql://admin@%2Frun%2Fpostgresql/orders") ==
        "admin /run/postgresql:5432 orders");
  CHECK(address("postgresql://admin:secret@db/orders").find("no password") != std::string::npos);
  CHECK(address("postgresql://admin@db/orders?sslmode=disable").find("no parameters") !=
        std::string::npos);
  for (const char* wrong :
       {"", "postgresql://", "http://a@b/c", "postgresql://db/orders", "postgresql://@db/orders",
        "postgresql://a@/orders", "postgresql://a@db", "postgresql://a@db/",
        "postgresql://a@db:0/o", "postgresql://a@db:65536/o", "postgresql://a@db:x/o",
        "postgresql://a@db,dc/o", "postgresql://a%00@db/o", "postgresql://a%1b@db/o",
        "postgresql://a%4@db/o", "postgresql://a@d b/o", "postgresql://a@[::1/o",
        "postgresql://a@[::1]x/o"}) {
    CAPTURE(wrong);
    CHECK(address(wrong).find("must be of the form") != std::string::npos);
  }
}

TEST_CASE("TLS is verified unless the server is on this machine") {
  CHECK(read(kServer + kMember).tls == "verify-full");
  CHECK(failure(kServer + kMember + "tls = 'disable'").find("loopback only") != std::string::npos);
  const std::string local = "server = 'postgresql://admin@127.0.0.1/orders'\n";
  CHECK(read(local + kMember + "tls = 'disable'").tls == "disable");
  CHECK(read(local + kMember).tls == "verify-full");
  const std::string socket = "server = 'postgresql://admin@%2Frun/orders'\n";
  CHECK(read(socket + kMember).tls == "disable");
  CHECK(failure(socket + kMember + "tls = 'require'").find("no TLS") != std::string::npos);
}

TEST_CASE("the tiers' memberships") {
  const auto one = read(kServer + kMember);
  CHECK(!one.has_read_tier());
  CHECK(one.memberships(Tier::Read) == std::vector<std::string>{"writer"});
  const auto two = read(kServer + kMember + "tiers.read = { member_of = ['reader'] }");
  CHECK(two.memberships(Tier::Read) == std::vector<std::string>{"reader"});
  CHECK(two.memberships(Tier::Wide) == std::vector<std::string>{"writer"});
}

TEST_CASE("a table that cannot mean what it says is refused with its place") {
  for (const auto& [text, said] : std::vector<std::pair<std::string, std::string>>{
           {kMember, "'server'"},
           {kServer, "'member_of'"},
           {kServer + "member_of = []", "1 to 32"},
           {kServer + "member_of = ['a', 'a']", "twice"},
           {kServer + "member_of = [\"a\\nb\"]", "not the name of a role"},
           {kServer + kMember + "tiers.read = {}", "1 to 32"},
           {kServer + kMember + "password_from = 'command'", "belong together"},
           {kServer + kMember + "password_command = ['/bin/x']", "belong together"},
           {kServer + kMember + "password_from = 'command'\npassword_command = ['x']", "absolute"},
           {kServer + kMember + "password_from = 'pass-file'", "belong together"},
           {kServer + kMember + "pass_file = 'x'", "absolute"},
           {kServer + kMember + "client_key = '/k'", "belong together"},
           {kServer + kMember + "connection_limit = 0", "1 to 1000"},
           {kServer + kMember + "settings = { 'a;b' = 'x' }", "not the name of a setting"},
           {kServer + kMember + "settings = { default_transaction_read_only = 'off' }", "tier"},
           {kServer + kMember + "owned = 'drop'\nreassign_to = 'x'", "goes with"},
           {kServer + kMember + "sslmode = 'x'", "sslmode"}}) {
    const std::string shown = text;  // clang 14 captures no structured binding
    CAPTURE(shown);
    CHECK(failure(text).starts_with("c.toml:"));
    CHECK(failure(text).find(said) != std::string::npos);
  }
}
