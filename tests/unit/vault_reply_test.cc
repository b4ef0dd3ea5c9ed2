#include "providers/vault/vault_reply.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "providers/vault/read_check.h"
#include "providers/vault/secret_source.h"
#include "providers/vault/vault_handle.h"

using namespace prodaccess;

namespace {

std::string refusal(const std::string& body) {
  try {
    parse_vault_reply(body, "the reply");
    return "taken";
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Provider);
    return error.what();
  }
}

std::string acl(const std::string& exact, const std::string& glob = "", bool root = false) {
  return R"({"data":{"exact_paths":{)" + exact + R"(},"glob_paths":{)" + glob + R"(},"root":)" +
         (root ? "true" : "false") + "}}";
}

std::string sql(const std::string& statements) {
  return sql_beyond_reading(R"({"data":{"creation_statements":)" + statements + "}}");
}

}  // namespace

TEST_CASE("an envelope with a lease and data of every kind") {
  const VaultReply reply = parse_vault_reply(
      R"({"lease_id":"db/creds/r/x","lease_duration":60,"renewable":true,"warnings":["w"],
          "auth":null,"data":{"username":"u","port":5432,"on":true,"none":null,
          "chain":["A","B"],"deep":{"b":1,"a":[2]}}})",
      "the reply");
  CHECK(reply.lease_id == "db/creds/r/x");
  CHECK(reply.lease == Seconds{60});
  CHECK(reply.renewable);
  CHECK(reply.warnings == std::vector<std::string>{"w"});
  CHECK_FALSE(reply.auth);
  CHECK(reply.text("username") == "u");
  CHECK(reply.text("port") == "5432");
  CHECK(reply.text("on") == "true");
  CHECK(reply.data.count("none") == 0);
  CHECK(reply.text("chain") == "A\nB");
  CHECK(reply.text("deep") == R"({"a":[2],"b":1})");
  CHECK(parse_vault_reply("", "x").data.empty());
}

TEST_CASE("a new token, and one that was renewed by its accessor") {
  VaultReply reply = parse_vault_reply(
      R"({"auth":{"client_token":"s.abc","accessor":"acc","policies":["a","default"],
          "lease_duration":600,"renewable":true,"mfa_requirement":null}})",
      "the login");
  const VaultToken token = reply.new_token();
  CHECK(token.token.view() == "s.abc");
  CHECK(token.accessor == "acc");
  CHECK(token.life == Seconds{600});
  VaultReply renewed =
      parse_vault_reply(R"({"auth":{"client_token":"","lease_duration":60}})", "the renewal");
  CHECK(renewed.auth->life == Seconds{60});
  CHECK_THROWS_AS(renewed.new_token(), Error);
  CHECK_THROWS_AS(parse_vault_reply("{}", "x").new_token(), Error);
}

TEST_CASE("what no server of this kind says is refused, by the member's name") {
  CHECK(refusal("[]") == "the reply is no object");
  CHECK(refusal("nonsense") == "the reply is not JSON");
  for (const auto& [body, member] : std::vector<std::pair<std::string, std::string>>{
           {R"({"lease_duration":-1})", "lease_duration"},
           {R"({"lease_duration":1e99})", "lease_duration"},
           {R"({"lease_duration":"60"})", "lease_duration"},
           {R"({"lease_duration":999999999999})", "lease_duration"},
           {R"({"lease_id":7})", "lease_id"},
           {R"({"lease_id":"a\nb"})", "lease_id"},
           {R"({"renewable":"yes"})", "renewable"},
           {R"({"data":[]})", "data"},
           {R"({"data":"x"})", "data"},
           {R"({"warnings":[1]})", "warnings"},
           {R"({"auth":{"client_token":7}})", "client_token"},
           {R"({"auth":{"client_token":"a b"}})", "client_token"},
           {R"({"auth":{"client_token":"t","accessor":"a\u0000b"}})", "accessor"},
           {R"({"auth":{"client_token":"t","policies":"root"}})", "policies"}}) {
    const std::string text = body;
    CAPTURE(text);
    CHECK(refusal(text) == "the reply has no believable '" + member + "'");
  }
  CHECK(refusal(R"({"auth":{"mfa_requirement":{"mfa_request_id":"x"}}})").find("second factor") !=
        std::string::npos);
  CHECK(refusal(R"({"auth":null,"auth":null})").find("twice") != std::string::npos);
}

TEST_CASE("errors become one safe line") {
  CHECK(vault_errors(R"({"errors":["1 error occurred:\n\t* permission denied\n\n"]})") ==
        "permission denied");
  CHECK(vault_errors(R"({"errors":["a","2 errors occurred:\n\t* b\n\t* c\n\n"]})") == "a; b; c");
  CHECK(vault_errors(R"({"errors":["\u001b[31mred"]})") == "\\x1b[31mred");
  CHECK(vault_errors(R"({"errors":[]})").empty());
  CHECK(vault_errors(R"({"errors":"x"})").empty());
  CHECK(vault_errors("<html>secret</html>").empty());
}

TEST_CASE("a handle is written and read back, and nothing else is taken for one") {
  VaultHandle handle;
  handle.accessors = {"root", "child"};
  handle.lease = "database/creds/orders/abc";
  handle.serial_mount = "pki";
  handle.serial = "11:22:33";
  handle.lives_until = parse_rfc3339("2026-01-02T00:00:00Z");
  handle.stored = true;
  const std::string text = handle.text();
  CHECK(text ==
        "accessor:root accessor:child lease:database/creds/orders/abc serial:pki,11:22:33 "
        "until:2026-01-02T00:00:00Z stored");
  const VaultHandle read = VaultHandle::parse(text);
  CHECK(read.text() == text);
  CHECK(read.accessors == handle.accessors);
  CHECK(read.serial_mount == "pki");
  for (const std::string bad : {"", "accessor:", "lease", "other:x", "until:soon", "serial:x",
                                "accessor:a  lease:b", "stored:x", "accessor:\x1b"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(VaultHandle::parse(bad), Error);
  }
  VaultHandle odd;
  odd.lease = "a b";
  CHECK_THROWS_AS(odd.text(), Error);
}

TEST_CASE("what a login keeps is one line, and read back whole") {
  KeptSecret kept;
  kept.secret = Secret("pass word with blanks");
  CHECK(kept.text().view() == "- - pass word with blanks");
  kept.until = parse_rfc3339("2026-01-02T03:04:05Z");
  kept.who = "ana of sre";
  const KeptSecret read = KeptSecret::parse(kept.text().view());
  CHECK(read.secret.view() == "pass word with blanks");
  CHECK(read.until == kept.until);
  for (const std::string bad : {"", "-", "- -", "- - ", "soon - x"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(KeptSecret::parse(bad), Error);
  }
}

TEST_CASE("a token that only reads, by the server's list") {
  const std::string reads =
      R"("secret/data/app":{"capabilities":["read","list"]},"auth/token/renew-self":{"capabilities":["update"]})";
  CHECK(acl_beyond_reading(acl(reads)).empty());
  CHECK(acl_beyond_reading(acl(reads, R"("cubbyhole/":{"capabilities":["create","delete"]})"))
            .empty());
  for (const auto& [exact, beyond] : std::vector<std::pair<std::string, std::string>>{
           {R"("secret/data/app":{"capabilities":["read","update"]})",
            "read,update on secret/data/app"},
           {R"("database/creds/x":{"capabilities":["read"]})", "read on database/creds/x"},
           {R"("aws/sts/x":{"capabilities":["read"]})", "read on aws/sts/x"},
           {R"("x":{"capabilities":["sudo","read"]})", "sudo,read on x"},
           {R"("x":{"capabilities":[]})", " on x"},
           {R"("x":{"capabilities":"read"})", " on x"},
           {R"("x":{})", " on x"},
           {R"("auth/token/create":{"capabilities":["update"]})", "update on auth/token/create"}}) {
    const std::string text = exact;
    CAPTURE(text);
    CHECK(acl_beyond_reading(acl(text)) == beyond);
    CHECK(acl_beyond_reading(acl("", text)) == beyond);
  }
  CHECK(acl_beyond_reading(acl("", "", true)) == "everything: it is a root token");
  for (const std::string body : {"{}", "[]", "", "x", R"({"data":{"root":false}})",
                                 R"({"data":{"exact_paths":{},"glob_paths":{}}})"}) {
    CAPTURE(body);
    CHECK_FALSE(acl_beyond_reading(body).empty());
  }
}

TEST_CASE("database statements that only let read") {
  const std::string create =
      R"(CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';)";
  CHECK(sql("[\"" + create + R"( GRANT SELECT ON ALL TABLES IN SCHEMA public TO \"{{name}}\";"])")
            .empty());
  CHECK(sql("[\"" + create + R"(","GRANT pg_read_all_data TO \"{{name}}\""])").empty());
  CHECK(
      sql("[\"" + create +
          R"(\nGRANT USAGE ON SCHEMA app, public TO \"{{name}}\";\nGRANT CONNECT ON DATABASE shop TO \"{{name}}\";",
               "ALTER ROLE \"{{name}}\" SET default_transaction_read_only = on;"])")
          .empty());
  for (const std::string more :
       {"GRANT INSERT ON t TO x", "GRANT SELECT, INSERT ON t TO x", "GRANT ALL ON t TO x",
        "GRANT admin TO x", "GRANT SELECT ON t TO x WITH GRANT OPTION", "ALTER ROLE x SUPERUSER",
        "CREATE ROLE x SUPERUSER", "CREATE ROLE x LOGIN CREATEDB", "CREATE ROLE x IN ROLE admin",
        "ALTER ROLE x SET default_transaction_read_only = off", "DROP TABLE t", "SELECT f()",
        "GRANT pg_write_all_data TO x", "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO x",
        "ALTER ROLE x SET role = 'admin'", "-- c\\nGRANT INSERT ON t TO x",
        "GRANT SELECT ON t TO x /* */"}) {
    CAPTURE(more);
    CHECK(sql("[\"" + create + " " + more + "\"]").starts_with("the statement"));
  }
  CHECK_FALSE(sql("[]").empty());
  CHECK_FALSE(sql("\"x\"").empty());
  CHECK_FALSE(sql("[7]").empty());
  CHECK_FALSE(sql_beyond_reading("{}").empty());
}
