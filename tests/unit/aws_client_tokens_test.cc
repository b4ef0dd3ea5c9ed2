#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/aws/console_link.h"
#include "providers/aws/ecr_login.h"
#include "providers/aws/presigned_tokens.h"
#include "providers/aws/session_revocation.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/scripted_http.h"

using namespace prodaccess;

namespace {

AwsCredential example() {
  AwsCredential credential;
  credential.access_key_id = "AKIDEXAMPLE";
  credential.secret_access_key =
      Secret(std::string_view("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
  credential.session_token = Secret(std::string_view("TOKEN+/="));
  return credential;
}

const WallTime kNow = *parse_rfc3339("2026-01-02T03:04:05Z");

template <typename Act>
std::string message_of(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// The query's parameters may stand in any order.
std::vector<std::string> parts_of(std::string_view url) {
  const std::size_t question = url.find('?');
  auto parts = split(url.substr(question + 1), '&');
  std::sort(parts.begin(), parts.end());
  parts.insert(parts.begin(), std::string(url.substr(0, question)));
  return parts;
}

}  // namespace

// Both values are what botocore 1.43.11 makes of the same input, its clock held still.
TEST_CASE("eks token: the URL that botocore presigns") {
  const PresignedToken token = eks_token(example(), "eu-west-1", "prod-eu", kNow);
  REQUIRE(token.token.view().starts_with("k8s-aws-v1."));
  const std::string url = *unbase64(token.token.view().substr(11));
  CHECK(parts_of(url) ==
        parts_of("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
                 "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102"
                 "%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60"
                 "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=TOKEN%2B%2F%3D"
                 "&X-Amz-Signature="
                 "9ca2690829dc36b973f67eac4554040d60ffff80adb2411fdf56a6fcfff12a64"));
  CHECK(format_rfc3339(token.expires_at) == "2026-01-02T03:18:05Z");
}

TEST_CASE("rds token: the URL that botocore presigns, without its scheme") {
  const PresignedToken token =
      rds_token(example(), "eu-west-1", {"db.example.com", 5432, "ana maria"}, kNow);
  CHECK(parts_of(token.token.view()) ==
        parts_of("db.example.com:5432/?Action=connect&DBUser=ana%20maria"
                 "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102"
                 "%2Feu-west-1%2Frds-db%2Faws4_request&X-Amz-Date=20260102T030405Z"
                 "&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
                 "&X-Amz-Security-Token=TOKEN%2B%2F%3D&X-Amz-Signature="
                 "49b746f9ebb92248aafbc7ec4b7e63d6ad6ddbcbe20a77ff6a13ff052c5db6c4"));
  CHECK(format_rfc3339(token.expires_at) == "2026-01-02T03:19:05Z");
}

TEST_CASE("presigned tokens end with their credential, and take no other names") {
  AwsCredential credential = example();
  credential.expires_at = kNow + Seconds{60};
  CHECK(eks_token(credential, "eu-west-1", "c", kNow).expires_at == kNow + Seconds{60});
  for (const std::string cluster : {"", "a/b", "a&b", "a b", "a\r\nx: y"}) {
    CHECK_FALSE(message_of([&] { eks_token(example(), "eu-west-1", cluster, kNow); }).empty());
  }
  for (const std::string host : {"", "a/b", "a@b", "a?b", "a:1"}) {
    CHECK_FALSE(message_of([&] {
                  rds_token(example(), "eu-west-1", {host, 5432, "u"}, kNow);
                }).empty());
  }
  CHECK_FALSE(message_of([&] { rds_token(example(), "eu west", {"h", 5432, "u"}, kNow); }).empty());
}

TEST_CASE("ecr: which servers are registries") {
  const auto registry =
      parse_ecr_registry("https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/v2/\n");
  REQUIRE(registry);
  CHECK(registry->host == "111122223333.dkr.ecr.eu-west-1.amazonaws.com");
  CHECK(registry->account == "111122223333");
  CHECK(registry->region == "eu-west-1");
  CHECK(parse_ecr_registry("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn"));
  CHECK(parse_ecr_registry("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com"));
  for (const std::string other :
       {"", "docker.io", "ghcr.io", "11112222333.dkr.ecr.eu-west-1.amazonaws.com",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
        "111122223333.dkr.ecr.eu-west-1.evil.com",
        "evil.111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        "111122223333.dkr.ecr.e/vil.amazonaws.com"}) {
    CAPTURE(other);
    CHECK_FALSE(parse_ecr_registry(other));
  }
}

TEST_CASE("ecr: the login is what the authorization token says, and nothing else is believed") {
  ManualClock clock;
  ScriptedHttp http;
  const EcrRegistry registry = *parse_ecr_registry("111122223333.dkr.ecr.eu-west-1.amazonaws.com");
  std::string token = base64("AWS:pass/word+");
  int status = 200;
  http.answer = [&](const ScriptedHttp::Seen&) {
    return ScriptedHttp::reply(
        status, status == 200 ? R"({"authorizationData":[{"authorizationToken":")" + token +
                                    R"(","expiresAt":1.7e9}]})"
                              : R"({"__type":"AccessDeniedException","message":"no"})");
  };
  const EcrLogin login = ecr_login(http, clock, example(), registry);
  CHECK(login.user == "AWS");
  CHECK(login.password.view() == "pass/word+");
  CHECK(http.seen.front().url == "https://api.ecr.eu-west-1.amazonaws.com/");
  CHECK(http.seen.front().headers.find("X-Amz-Target")->second.ends_with(".GetAuthorizationToken"));
  CHECK(
      http.seen.front().headers.find("Authorization")->second.find("/eu-west-1/ecr/aws4_request") !=
      std::string::npos);
  for (const std::string bad : {"%%%", "", "QVdT"}) {
    token = bad;
    CHECK_FALSE(message_of([&] { ecr_login(http, clock, example(), registry); }).empty());
  }
  token = base64("root:x\ny");
  CHECK_FALSE(message_of([&] { ecr_login(http, clock, example(), registry); }).empty());
  status = 400;
  CHECK(message_of([&] { ecr_login(http, clock, example(), registry); }) ==
        "ECR gave no login: AccessDeniedException: no");
}

TEST_CASE("console: the keys travel in a body, the link carries the sign-in token alone") {
  ScriptedHttp http;
  http.answer = [](const ScriptedHttp::Seen&) {
    return ScriptedHttp::reply(200, R"({"SigninToken":"a+b/c="})");
  };
  const Secret link = console_link(http, example(), {"eu-west-1", "", Seconds{3600}, ""});
  CHECK(link.view() ==
        "https://signin.aws.amazon.com/federation?Action=login&Issuer=prodaccess&Destination="
        "https%3A%2F%2Fconsole.aws.amazon.com%2F&SigninToken=a%2Bb%2Fc%3D");
  CHECK(http.seen.front().method == "POST");
  CHECK(http.seen.front().url == "https://signin.aws.amazon.com/federation");
  CHECK(
      http.seen.front().body.starts_with("Action=getSigninToken&SessionDuration=3600&Session=%7B"));
  CHECK(console_link(http, example(), {"us-gov-west-1", "", {}, ""})
            .view()
            .find("amazonaws-us-gov.com") != std::string_view::npos);
  CHECK_FALSE(message_of([&] {
                console_link(http, example(), {"eu-west-1", "javascript:x", {}, ""});
              }).empty());
  AwsCredential forever = example();
  forever.session_token = Secret();
  CHECK(message_of([&] {
          console_link(http, forever, {"eu-west-1", "", {}, ""});
        }).find("only temporary") != std::string::npos);
  http.answer = [](const ScriptedHttp::Seen&) { return ScriptedHttp::reply(400, "<html>"); };
  CHECK_FALSE(message_of([&] {
                console_link(http, example(), {"eu-west-1", "", {}, ""});
              }).empty());
}

TEST_CASE("revocation: the deny policy, for the whole role or for one source identity") {
  const RevocationScope role{"arn:aws:iam::111122223333:role/team/ops", ""};
  CHECK(
      revocation_policy(role, kNow + Milliseconds{400}) ==
      R"({"Statement":[{"Action":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":)"
      R"("2026-01-02T03:04:05Z"}},"Effect":"Deny","Resource":["*"],"Sid":"RevokedByProdaccess"}],)"
      R"("Version":"2012-10-17"})");
  const RevocationScope person{role.role_arn, "ana"};
  const Json policy = Json::parse(revocation_policy(person, kNow));
  CHECK(policy["Statement"][0]["Condition"]["StringEquals"]["aws:SourceIdentity"] == "ana");
  CHECK(revocation_policy_name(role) != revocation_policy_name(person));
}

TEST_CASE("revocation: a credential is dead once a deny is what refuses it") {
  ManualClock clock;
  ScriptedHttp http;
  const std::string refused =
      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: x is not authorized to "
      "perform: sts:GetAccessKeyInfo";
  std::vector<std::string> answers{
      refused + " because no identity-based policy allows it</Message></Error></ErrorResponse>",
      refused +
          " with an explicit deny in an identity-based policy</Message></Error></ErrorResponse>"};
  std::size_t next = 0;
  http.answer = [&](const ScriptedHttp::Seen&) {
    return ScriptedHttp::reply(403, answers.at(std::min(next++, answers.size() - 1)));
  };
  AwsQueryClient sts(http, clock, aws_endpoint("sts", "eu-west-1"));
  const DeathProbe probe = probe_until_denied(sts, example(), Seconds{60}, [](Milliseconds) {});
  CHECK(probe.dead);
  CHECK(probe.tries == 2);
  answers.pop_back();
  next = 0;
  CHECK_FALSE(probe_until_denied(sts, example(), Seconds{10}, [](Milliseconds) {}).dead);
  AwsQueryClient iam(http, clock, aws_endpoint("iam", "eu-west-1"));
  http.answer = [](const ScriptedHttp::Seen&) {
    return ScriptedHttp::reply(200, "<PutRolePolicyResponse/>");
  };
  deny_older_sessions(iam, example(), {"arn:aws:iam::111122223333:role/team/ops", ""}, clock);
  CHECK(http.seen.back().url == "https://iam.amazonaws.com/");
  CHECK(http.seen.back().body.find("RoleName=ops&") != std::string::npos);
}
