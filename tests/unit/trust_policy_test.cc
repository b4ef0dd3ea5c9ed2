#include "providers/aws/trust_policy.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"

using namespace prodaccess;

namespace {

AwsParameters parameters(const std::string& more) {
  return read_aws_parameters(parse_toml(
      "role_arn = \"arn:aws:iam::111122223333:role/ops\"\n" + more, "c.toml", ErrorCode::Config));
}

}  // namespace

TEST_CASE("trust policy: what is sent is demanded, but for tags that may be missing") {
  const auto statements = trust_statements(
      parameters("source_identity = \"{person}\"\n"
                 "external_id = \"x-1\"\n"
                 "tags = { reason = \"{reason}\", ticket = \"{ticket}\", team = \"sre\" }\n"),
      "arn:aws:sts::444455556666:assumed-role/developer/ana");
  REQUIRE(statements.size() == 4);
  CHECK(statements[0].json ==
        R"({"Action":["sts:AssumeRole","sts:SetSourceIdentity","sts:TagSession"],)"
        R"("Condition":{"StringEquals":{"sts:ExternalId":"x-1"}},"Effect":"Allow",)"
        R"("Principal":{"AWS":"arn:aws:iam::444455556666:role/developer"}})");
  CHECK(statements[1].what == "demands sts:SourceIdentity");
  CHECK(statements[1].json ==
        R"({"Action":"sts:AssumeRole","Condition":{"Null":{"sts:SourceIdentity":"true"}},)"
        R"("Effect":"Deny","Principal":{"AWS":"*"}})");
  CHECK(statements[2].what == "demands aws:RequestTag/reason");
  CHECK(statements[3].what == "demands aws:RequestTag/team");
}

TEST_CASE("trust policy: a plain role, and none") {
  const auto plain = trust_statements(parameters(""), "arn:aws:iam::444455556666:user/ana");
  REQUIRE(plain.size() == 1);
  CHECK(Json::parse(plain[0].json)["Action"] == Json::array({"sts:AssumeRole"}));
  CHECK(trust_statements(parameters(""), "").empty());
}

TEST_CASE("client parameters: a login is a role's base identity, whole or not at all") {
  const AwsParameters read = parameters(
      "sso = { start_url = \"https://corp.awsapps.com/start\", region = \"eu-west-1\", role = "
      "\"ops\" }\nrevoke = { patience = \"5s\" }\nendpoints = { sso_oidc = "
      "\"http://127.0.0.1:1\" }\n");
  REQUIRE(read.clients.sso);
  CHECK(read.base.kind == AwsBase::Sso);
  CHECK(read.clients.sso->session.name == "corp");
  CHECK(read.clients.sso->account == "111122223333");
  CHECK(read.clients.sso->session.oidc_endpoint == "http://127.0.0.1:1");
  CHECK(read.clients.revoke.patience == Seconds{5});
  for (const std::string bad :
       {"sso = { region = \"eu-west-1\", role = \"r\" }",
        "sso = { start_url = \"http://corp.example\", region = \"eu-west-1\", role = \"r\" }",
        "sso = { start_url = \"https://corp.example\", region = \"x/y\", role = \"r\" }",
        "sso = { start_url = \"https://c.example\", region = \"eu-west-1\", role = \"r\", a = 1 }",
        "base = \"sso\"", "endpoints = { iam = \"http://example.com\" }",
        "endpoints = { iam = \"https://example.com/path\" }",
        "revoke = { by = \"source-identity\" }", "revoke = { by = \"luck\" }",
        "revoke = { patience = \"1h\" }"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parameters(bad + "\n"), Error);
  }
}
