#include "providers/aws/sts_client.h"

#include <doctest/doctest.h>

#include "tests/fakes/manual_clock.h"
#include "tests/fakes/scripted_http.h"

using namespace prodaccess;

namespace {

constexpr const char* kRole = "arn:aws:iam::123456789012:role/ops";

struct Fixture {
  ScriptedHttp http;
  ManualClock clock;
  AwsCredential key{"AKIDEXAMPLEEXAMPLE00", Secret("secret"), Secret(), std::nullopt, ""};
  StsClient sts{http, clock, aws_endpoint("sts", "eu-west-1")};

  AssumedRole assume() {
    AssumeRoleRequest request;
    request.session = {kRole, "ana", Seconds{3600}, "", {}};
    return sts.assume_role(key, request);
  }
  std::string refusal(int status, const std::string& code, const std::string& message,
                      bool chained = false) {
    http.answer = [=](const auto&) {
      return ScriptedHttp::reply(status, "<ErrorResponse><Error><Code>" + code +
                                             "</Code><Message>" + message +
                                             "</Message></Error></ErrorResponse>");
    };
    AssumeRoleRequest request;
    request.session = {kRole, "ana", Seconds{7200}, "", {}};
    request.chained = chained;
    try {
      sts.assume_role(key, request);
    } catch (const AwsError& error) {
      CHECK(error.aws_code() == code);
      return error.what();
    }
    return "";
  }
};

std::string reply_with(const std::string& credentials, const std::string& end) {
  return "<?xml version=\"1.0\"?>\n"
         "<AssumeRoleResponse "
         "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
         "<Credentials>" +
         credentials + "<Expiration>" + end +
         "</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROAX:ana</AssumedRoleId>"
         "<Arn>arn:aws:sts::123456789012:assumed-role/ops/ana</Arn></AssumedRoleUser>"
         "</AssumeRoleResult></AssumeRoleResponse>";
}

const std::string kKeys =
    "<AccessKeyId>ASIDEXAMPLEEXAMPLE00</AccessKeyId><SecretAccessKey>s&amp;cret</SecretAccessKey>"
    "<SessionToken>\n  T+/=\n</SessionToken>";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "STS: a session is read with its end and its names") {
  http.answer = [](const auto&) {
    return ScriptedHttp::reply(200, reply_with(kKeys, "2026-01-02T01:00:00.123456Z"));
  };
  const AssumedRole role = assume();
  CHECK(role.credential.secret_access_key.view() == "s&cret");
  CHECK(role.credential.session_token.view() == "T+/=");
  CHECK(format_rfc3339(role.credential.expires_at.value()) == "2026-01-02T01:00:00.123Z");
  CHECK(role.arn == "arn:aws:sts::123456789012:assumed-role/ops/ana");
  REQUIRE(http.seen.size() == 1);
  CHECK(http.seen[0].url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(http.seen[0].body ==
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2F"
        "ops&RoleSessionName=ana&DurationSeconds=3600");
}

TEST_CASE_FIXTURE(Fixture, "STS: a web identity is sent without a signature") {
  http.answer = [](const auto&) { return ScriptedHttp::reply(400, ""); };
  const Secret token("a.b/c");
  CHECK_THROWS_AS(sts.assume_role_with_web_identity({kRole, "ana", Seconds{900}, "", {}}, token),
                  AwsError);
  CHECK(http.seen[0].headers.count("Authorization") == 0);
  CHECK(http.seen[0].body.ends_with("&WebIdentityToken=a.b%2Fc"));
}

TEST_CASE_FIXTURE(Fixture, "STS: replies of another shape are refused") {
  const std::string good = reply_with(kKeys, "2026-01-02T01:00:00Z");
  const auto without = [&](const std::string& text, const std::string& instead) {
    std::string changed = good;
    changed.replace(changed.find(text), text.size(), instead);
    return changed;
  };
  for (const std::string& bad :
       {std::string(), std::string("<a/>"), std::string("{\"a\": 1}"), "<!DOCTYPE x>" + good,
        without("<?xml version=\"1.0\"?>", "<?php x?>"), good + "<b/>",
        without("ASIDEXAMPLEEXAMPLE00", "ASI\nBAD"), without("s&amp;cret", ""),
        without("2026-01-02T01", "2026-01-01T01"), without("2026-01-02T01:00:00Z", "soon"),
        without("<SecretAccessKey>", "<SecretAccessKey><b/>"),
        without("<Credentials>", "<Credentials></Credentials><Credentials>"),
        without("</AssumedRoleUser>", "<Arn>arn:other</Arn></AssumedRoleUser>")}) {
    CAPTURE(bad);
    http.answer = [&](const auto&) { return ScriptedHttp::reply(200, bad); };
    CHECK_THROWS_AS(assume(), Error);
  }
  http.answer = [&](const auto&) { return ScriptedHttp::reply(200, good); };
  CHECK_NOTHROW(assume());
}

TEST_CASE_FIXTURE(Fixture,
                  "STS: ends are in this machine's clock, and a late signature is made anew") {
  int calls = 0;
  http.answer = [&](const ScriptedHttp::Seen& seen) {
    ++calls;
    const bool right = seen.headers.find("X-Amz-Date")->second.starts_with("20260102T0100");
    HttpResponse response =
        right ? ScriptedHttp::reply(200, reply_with(kKeys, "2026-01-02T02:00:00Z"))
              : ScriptedHttp::reply(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>");
    response.headers.emplace("date", "Fri, 02 Jan 2026 01:00:00 GMT");
    return response;
  };
  const AssumedRole role = assume();
  CHECK(calls == 2);
  CHECK(sts.skew() == std::chrono::hours{1});
  CHECK(format_rfc3339(role.credential.expires_at.value()) == "2026-01-02T01:00:00Z");
}

TEST_CASE_FIXTURE(Fixture, "STS: refusals say what to do") {
  CHECK(refusal(403, "AccessDenied", "User: x is not authorized")
            .starts_with("AssumeRole of arn:aws:iam::123456789012:role/ops at "
                         "sts.eu-west-1.amazonaws.com: not allowed (AccessDenied: User: x"));
  CHECK(refusal(403, "ExpiredToken", "over").find("the session or token that asks is over") !=
        std::string::npos);
  CHECK(refusal(403, "RegionDisabledException", "off").find("STS is not active in this region") !=
        std::string::npos);
  CHECK(refusal(400, "PackedPolicyTooLarge", "130%").find("too large together") !=
        std::string::npos);
  CHECK(refusal(400, "ValidationError", "The requested DurationSeconds exceeds ...")
            .find("does not allow sessions of 2h") != std::string::npos);
  CHECK(refusal(400, "ValidationError", "The requested DurationSeconds exceeds ...", true)
            .find("lasts 1h at most") != std::string::npos);
  CHECK(refusal(400, "Odd\x1b[31m", "m\x1b]0;x\x07").find('\x1b') == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "STS: errors in moto's wrapping are read as well") {
  http.answer = [](const auto&) {
    return ScriptedHttp::reply(
        403,
        "<ErrorResponse><Errors><Error><Code>InvalidClientTokenId</Code><Message>m</Message>"
        "</Error></Errors></ErrorResponse>");
  };
  try {
    assume();
    FAIL("no error");
  } catch (const AwsError& error) {
    CHECK(error.aws_code() == "InvalidClientTokenId");
    CHECK(error.hints().size() == 1);
  }
}

TEST_CASE("AWS endpoints follow from the region's partition") {
  CHECK(aws_endpoint("sts", "eu-west-1").url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(aws_endpoint("sts", "cn-north-1").url == "https://sts.cn-north-1.amazonaws.com.cn/");
  CHECK(aws_endpoint("sts", "us-gov-west-1").url == "https://sts.us-gov-west-1.amazonaws.com/");
  CHECK(aws_endpoint("sts", "eusc-de-east-1").url == "https://sts.eusc-de-east-1.amazonaws.eu/");
  CHECK(aws_endpoint("iam", "eu-west-1").url == "https://iam.amazonaws.com/");
  CHECK(aws_endpoint("iam", "eu-west-1").region == "us-east-1");
  const AwsEndpoint own = aws_endpoint("sts", "eu-west-1", "http://127.0.0.1:5000");
  CHECK(own.url == "http://127.0.0.1:5000/");
  CHECK(own.allow_plain_http);
  CHECK_THROWS_AS(aws_endpoint("sts", "eu-west-1", "http://sts.example.com"), Error);
  CHECK_THROWS_AS(aws_endpoint("sts", "eu-west-1", "https://h/path"), Error);
  CHECK(aws_partition("cn-north-1") == "aws-cn");
  CHECK(is_aws_region("ap-southeast-2"));
  CHECK_FALSE(is_aws_region("../evil"));
}
