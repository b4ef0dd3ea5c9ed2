#include <doctest/doctest.h>

#include "core/base/sha1.h"
#include "providers/aws/base_identity.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_files.h"
#include "tests/fakes/scripted_http.h"

using namespace prodaccess;

namespace {

constexpr const char* kKeys = R"({"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s","Token":"t",)"
                              R"("Expiration":"2026-01-02T06:00:00Z"})";

std::string sts_reply(const std::string& action, const std::string& role) {
  return "<" + action + "Response><" + action +
         "Result><Credentials><AccessKeyId>ASIAOFTHEROLE0000000</AccessKeyId><SecretAccessKey>s"
         "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-01-02T01:00:00Z"
         "</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>A:x</AssumedRoleId><Arn>"
         "arn:aws:sts::123456789012:assumed-role/" +
         role + "/x</Arn></AssumedRoleUser></" + action + "Result></" + action + "Response>";
}

struct Fixture {
  ScriptedHttp http;
  MemoryFiles files;
  ManualClock clock;
  std::vector<std::string> asked;  // serial numbers
  AwsHost host{http, files, clock, {}, "/home/ana", true, {}, {}, nullptr};
  AwsParameters parameters;

  Fixture() {
    parameters.role_arn = "arn:aws:iam::123456789012:role/target";
    host.environment["AWS_EC2_METADATA_DISABLED"] = "true";
  }

  BaseIdentity resolve() {
    StsClient sts(http, clock, aws_endpoint("sts", "eu-west-1"));
    AwsBaseResolver resolver(host, parameters, "ana", sts,
                             [&](const AwsCredential& keys, const std::string& serial) {
                               asked.push_back(serial);
                               AwsCredential session = keys.duplicate();
                               session.session_token = Secret("with-code");
                               return session;
                             });
    return resolver.resolve();
  }
  std::string refusal() {
    try {
      resolve();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  void config(const std::string& text) { files.put("/home/ana/.aws/config", text); }
  void credentials(const std::string& text) { files.put("/home/ana/.aws/credentials", text); }
  void use_profile(const std::string& name) {
    parameters.base.kind = AwsBase::Profile;
    parameters.base.profile = name;
  }
  // STS gives a session of whatever role is asked for.
  void good_sts() {
    http.answer = [](const ScriptedHttp::Seen& seen) {
      const bool web = seen.body.starts_with("Action=AssumeRoleWithWebIdentity");
      return ScriptedHttp::reply(200,
                                 sts_reply(web ? "AssumeRoleWithWebIdentity" : "AssumeRole", "x"));
    };
  }
};

const std::string kAna = "[ana]\naws_access_key_id = AKIAANA\naws_secret_access_key = ana's\n";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "AWS base: the environment comes first, and the newer token's name") {
  credentials("[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = d\n" + kAna);
  CHECK(resolve().credential.access_key_id == "AKIADEFAULT");
  host.environment["AWS_PROFILE"] = "ana";
  CHECK(resolve().credential.access_key_id == "AKIAANA");
  host.environment["AWS_ACCESS_KEY_ID"] = "AKIAENV";
  CHECK(refusal() == "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not");
  host.environment["AWS_SECRET_ACCESS_KEY"] = "e";
  host.environment["AWS_SECURITY_TOKEN"] = "stale";
  CHECK(resolve().credential.session_token.view() == "stale");
  host.environment["AWS_SESSION_TOKEN"] = "fresh";
  CHECK(resolve().credential.session_token.view() == "fresh");
  use_profile("ana");
  CHECK(resolve().credential.access_key_id == "AKIAANA");
  use_profile("anna");
  CHECK(refusal().starts_with("there is no profile anna in /home/ana/.aws/config"));
}

TEST_CASE_FIXTURE(Fixture,
                  "AWS base: keys that have ended, or break out of a header, are refused") {
  parameters.base.kind = AwsBase::Environment;
  host.environment["AWS_ACCESS_KEY_ID"] = "AKIAENV";
  host.environment["AWS_SECRET_ACCESS_KEY"] = "e";
  host.environment["AWS_CREDENTIAL_EXPIRATION"] = "2026-01-01T23:00:00Z";
  CHECK(refusal() == "the keys of the environment have expired at 2026-01-01T23:00:00Z");
  host.environment["AWS_CREDENTIAL_EXPIRATION"] = "";
  host.environment["AWS_SESSION_TOKEN"] = "a\nX-Other: b";
  CHECK(refusal().find("its session token is none") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "AWS base: a profile's role is assumed on the way, with its own words") {
  good_sts();
  credentials(kAna);
  config(
      "[profile hop]\nrole_arn = arn:aws:iam::123456789012:role/hop\nsource_profile = ana\n"
      "external_id = E-1\nrole_session_name = mine\n"
      "[profile target]\nrole_arn = arn:aws:iam::123456789012:role/target\nsource_profile = hop\n");
  use_profile("hop");
  const BaseIdentity base = resolve();
  CHECK(base.chained);
  CHECK(base.source == "profile hop");
  CHECK(base.credential.access_key_id == "ASIAOFTHEROLE0000000");
  CHECK(http.seen.back().body.find("RoleSessionName=mine") != std::string::npos);
  CHECK(http.seen.back().body.find("ExternalId=E-1") != std::string::npos);
  // The last hop is the role that is wanted anyway.
  http.seen.clear();
  use_profile("target");
  CHECK(resolve().credential.access_key_id == "ASIAOFTHEROLE0000000");
  CHECK(http.seen.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "AWS base: circles and half-said profiles are named") {
  const std::string role = "role_arn = arn:aws:iam::123456789012:role/r\n";
  credentials(kAna);
  config("[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role +
         "source_profile = c\n[profile c]\n" + role + "source_profile = a\n[profile self]\n" +
         role + "source_profile = self\n[profile none]\n" + role + "[profile both]\n" + role +
         "source_profile = ana\ncredential_source = Environment\n[profile odd]\n" + role +
         "credential_source = Moon\n[profile bad]\nrole_arn = x\nsource_profile = ana\n"
         "[profile empty]\nregion = eu-west-1\n[profile sso]\nsso_session = corp\n");
  use_profile("a");
  CHECK(refusal() == "the profiles lead in a circle: a -> b -> c -> a");
  use_profile("self");
  CHECK(refusal() == "profile self names itself as source_profile, but has no keys");
  use_profile("none");
  CHECK(refusal().find("neither source_profile nor credential_source") != std::string::npos);
  use_profile("both");
  CHECK(refusal().find("both source_profile and credential_source") != std::string::npos);
  use_profile("odd");
  CHECK(refusal() == "profile odd has an unknown credential_source \"Moon\"");
  use_profile("bad");
  CHECK(refusal() == "the role_arn of profile bad is none");
  use_profile("empty");
  CHECK(refusal() == "profile empty says nothing of where its keys are");
  use_profile("sso");
  CHECK(refusal() == "[sso-session corp], which profile sso names, has no sso_start_url");
  CHECK(http.seen.empty());
}

TEST_CASE_FIXTURE(Fixture, "AWS base: a profile may assume its role with keys of its own") {
  good_sts();
  config(
      "[profile self]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = self\n"
      "aws_access_key_id = AKIASELF\naws_secret_access_key = s\n");
  use_profile("self");
  CHECK(resolve().chained);
}

TEST_CASE_FIXTURE(Fixture, "AWS base: a code goes with the long-term keys at the root") {
  good_sts();
  credentials(kAna);
  config(
      "[profile hop]\nrole_arn = arn:aws:iam::123456789012:role/hop\nsource_profile = ana\n"
      "mfa_serial = arn:aws:iam::123456789012:mfa/ana\n");
  use_profile("hop");
  resolve();
  CHECK(asked == std::vector<std::string>{"arn:aws:iam::123456789012:mfa/ana"});
  CHECK(http.seen.back().headers.find("X-Amz-Security-Token")->second == "with-code");
}

TEST_CASE_FIXTURE(Fixture, "AWS base: the container endpoint, and only where it may be") {
  http.answer = [](const auto&) { return ScriptedHttp::reply(200, kKeys); };
  host.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:9/keys?x=1";
  host.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic abc";
  CHECK(resolve().credential.access_key_id == "ASIAEXAMPLE");
  CHECK(http.seen.back().url == "http://127.0.0.1:9/keys?x=1");
  CHECK(http.seen.back().headers.find("Authorization")->second == "Basic abc");
  files.put("/run/token", "of-the-file");
  host.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/run/token";
  resolve();
  CHECK(http.seen.back().headers.find("Authorization")->second == "of-the-file");
  files.put("/run/token", "broken\n");
  CHECK(refusal() == "the token of /run/token has a line end in it");
  files.put("/run/token", "x");
  for (const char* url : {"http://10.0.0.1/", "http://169.254.169.254/", "http://0.0.0.0/",
                          "http://localhost.example.com/"}) {
    host.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    CHECK(refusal().find("not allowed over plain HTTP") != std::string::npos);
  }
  for (const char* url : {"http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1",
                          "https://keys.example.com/"}) {
    host.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    CHECK(refusal().empty());
  }
  host.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  resolve();
  CHECK(http.seen.back().url == "http://169.254.170.2/v2/credentials/x");
}

TEST_CASE_FIXTURE(Fixture, "AWS base: the instance metadata service, in its second version alone") {
  host.environment.erase("AWS_EC2_METADATA_DISABLED");
  http.answer = [](const ScriptedHttp::Seen& seen) {
    if (seen.method == "PUT") return ScriptedHttp::reply(200, "session\n");
    if (seen.headers.find("X-aws-ec2-metadata-token")->second != "session") {
      return ScriptedHttp::reply(401, "");
    }
    if (seen.url.ends_with("/security-credentials/")) return ScriptedHttp::reply(200, "web");
    return ScriptedHttp::reply(200, kKeys);
  };
  CHECK(resolve().credential.access_key_id == "ASIAEXAMPLE");
  CHECK(http.seen.back().url ==
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/web");
  host.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  resolve();
  CHECK(http.seen.back().url.starts_with("http://[fd00:ec2::254]/"));
  http.answer = [](const ScriptedHttp::Seen& seen) {
    return ScriptedHttp::reply(seen.method == "PUT" ? 404 : 200, "web");
  };
  CHECK(refusal().find("gives no token (HTTP 404)") != std::string::npos);
  http.answer = [](const auto&) -> HttpResponse { throw HttpFailure("nobody", true); };
  CHECK(refusal().starts_with("there is no base identity: no keys in the environment"));
  http.answer = [](const ScriptedHttp::Seen& seen) {
    return ScriptedHttp::reply(
        200, seen.url.ends_with("web") ? R"({"Code":"Failed","Message":"m"})" : "web");
  };
  CHECK(refusal() == "the instance metadata service gives no keys: Failed m");
}

TEST_CASE_FIXTURE(Fixture, "AWS base: identity tokens of the platform") {
  good_sts();
  files.put("/run/token", "a.b.c\n");
  host.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/run/token";
  host.environment["AWS_ROLE_ARN"] = parameters.role_arn;
  CHECK(resolve().web_token.view() == "a.b.c");
  CHECK(http.seen.empty());
  host.environment["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/pod";
  const BaseIdentity base = resolve();
  CHECK(base.web_token.empty());
  CHECK(base.chained);
  parameters.base.kind = AwsBase::TokenVariable;
  parameters.base.token_variable = "AWS_ID_TOKEN";
  CHECK(refusal() == "the variable AWS_ID_TOKEN is not set");
  host.environment["AWS_ID_TOKEN"] = "d.e.f";
  CHECK(resolve().web_token.view() == "d.e.f");
}

TEST_CASE_FIXTURE(Fixture, "AWS base: the token of a GitHub job, for its audience") {
  parameters.base.kind = AwsBase::GithubActions;
  CHECK(refusal() == "the variable ACTIONS_ID_TOKEN_REQUEST_URL is not set");
  host.environment["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://token.example.com/x?api=2";
  host.environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "bearing";
  http.answer = [](const auto&) { return ScriptedHttp::reply(200, R"({"value":"g.h.i"})"); };
  CHECK(resolve().web_token.view() == "g.h.i");
  CHECK(http.seen.back().url == "https://token.example.com/x?api=2&audience=sts.amazonaws.com");
  CHECK(http.seen.back().headers.find("Authorization")->second == "bearer bearing");
  http.answer = [](const auto&) { return ScriptedHttp::reply(200, R"({"count":1})"); };
  CHECK(refusal() == "the reply of the token service https://token.example.com has no token");
}

TEST_CASE_FIXTURE(Fixture, "AWS base: a login that AWS's own command left serves while it lives") {
  CHECK(sha1_hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  config(
      "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
      "[profile new]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ops\n"
      "[profile old]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
      "sso_account_id = 123456789012\nsso_role_name = ops\n");
  http.answer = [](const auto&) {
    return ScriptedHttp::reply(
        200, R"({"roleCredentials":{"accessKeyId":"ASIASSOEXAMPLE000000","secretAccessKey":"s",)"
             R"("sessionToken":"t","expiration":1767319200000}})");
  };
  const auto left = [&](const std::string& key, const std::string& end, const std::string& url) {
    files.put("/home/ana/.aws/sso/cache/" + sha1_hex(key) + ".json",
              R"({"startUrl":")" + url + R"(","region":"eu-west-1","accessToken":"token-of-)" +
                  key + R"(","expiresAt":")" + end + R"("})");
  };
  const std::string portal = "https://corp.awsapps.com/start";
  use_profile("new");
  CHECK(refusal() == "there is no login at " + portal);
  left("corp", "2026-01-01T00:00:00Z", portal);
  CHECK(refusal() == "there is no login at " + portal);
  left("corp", "2026-01-02T05:00:00Z", "https://other.awsapps.com/start");
  CHECK(refusal() == "there is no login at " + portal);
  left("corp", "2026-01-02T05:00:00Z", portal + "/#");
  const BaseIdentity base = resolve();
  CHECK(base.credential.access_key_id == "ASIASSOEXAMPLE000000");
  CHECK(base.chained);
  CHECK(http.seen.back().headers.find("x-amz-sso_bearer_token")->second == "token-of-corp");
  use_profile("old");
  CHECK(refusal() == "there is no login at " + portal);
  left(portal, "2026-01-02T05:00:00Z", portal);
  CHECK(refusal().empty());
}

TEST_CASE_FIXTURE(Fixture, "AWS base: programs of the shared files wait for the site's word") {
  config("[profile outside]\ncredential_process = /opt/keys --for 'ana b'\n");
  use_profile("outside");
  host.self_governed = false;
  CHECK(refusal().find("is not run: this machine has a system configuration") != std::string::npos);
}
