#include "providers/gcp/gcp_provider.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/jwt.h"
#include "core/base/text.h"
#include "providers/gcp/executable_source.h"
#include "providers/gcp/subject_token.h"
#include "tests/fakes/counting_random.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_files.h"
#include "tests/fakes/scripted_http.h"
#include "tests/unit/rsa_test_key.h"

using namespace prodaccess;

namespace {

const std::string kRobot = "robot@acme.iam.gserviceaccount.com";
const std::string kDeploy = "deploy@acme.iam.gserviceaccount.com";

struct Bench {
  ScriptedHttp http;
  MemoryFiles files;
  ManualClock clock;  // 2026-01-02T00:00:00Z
  CountingRandom random;
  GcpProvider provider{GcpHost{http, files, clock, random, "/usr/bin/prodaccess", "/home/me", true,
                               [](const std::string& name) { return name; },
                               [](const HelperRun&) { return HelperResult(); },
                               [](const std::string&) { return ""; }}};
  Role role;
  std::vector<std::string> handles;
  std::map<std::string, HttpResponse> answers;  // by the end of the URL

  explicit Bench(const std::string& more = "",
                 const std::string& base = "credentials = '/k.json'\n") {
    role.name = "cloud";
    role.provider = "gcp";
    role.parameters = parse_toml(base + more, "c.toml", ErrorCode::Config);
    files.content["/k.json"] = canonical_json({{"type", "service_account"},
                                               {"client_email", kRobot},
                                               {"private_key_id", "k1"},
                                               {"private_key", kTestRsaKey}});
    answer("/token", 200, R"({"access_token":"base","expires_in":3599,"token_type":"Bearer"})");
    answer(":generateAccessToken", 200,
           R"({"accessToken":"made","expireTime":"2026-01-02T00:30:00Z"})");
    info(kDeploy);
    http.answer = [this](const ScriptedHttp::Seen& seen) {
      for (auto& [ending, response] : answers) {
        if (!seen.url.ends_with(ending)) continue;
        HttpResponse copy;
        copy.status = response.status;
        copy.headers = response.headers;
        copy.body = response.body.duplicate();
        return copy;
      }
      return ScriptedHttp::reply(404, "{}");
    };
  }

  void answer(const std::string& ending, int status, const std::string& body) {
    answers.insert_or_assign(ending, ScriptedHttp::reply(status, body));
  }

  void info(const std::string& email) {
    answer("/tokeninfo", 200, R"({"email_verified":"true","email":")" + email + "\"}");
  }

  Issued issue(Seconds ttl = Seconds{1800}, Tier tier = Tier::Wide) {
    const IssueRequest request{role, {}, "ana", "0123", tier, clock.wall_now() + ttl};
    return provider.issue(request,
                          [this](const std::string& handle) { handles.push_back(handle); });
  }

  Error failure() {
    try {
      issue();
    } catch (const Error& error) {
      return error;
    }
    return Error(ErrorCode::Internal, "issued");
  }

  std::map<std::string, std::string> variables(const Issued& issued) {
    std::map<std::string, std::string> named;
    for (const auto& [name, value] : provider.environment(role, issued.credential)) {
      named[name] = value.view();
    }
    return named;
  }
};

const std::string kAsDeploy = "service_account = 'deploy@acme.iam.gserviceaccount.com'\n";

}  // namespace

TEST_CASE("the handle says what lives until when, before the token is checked") {
  Bench bench(kAsDeploy);
  bench.info("mallory@acme.iam.gserviceaccount.com");
  CHECK(std::string(bench.failure().what()).find("a token of mallory@") != std::string::npos);
  REQUIRE(bench.handles.size() == 1);
  CHECK(bench.handles[0] == "access-token " + kDeploy + " 2026-01-02T00:30:00Z");
  const RevokeOutcome outcome = bench.provider.revoke(bench.role, bench.handles[0], nullptr);
  CHECK(outcome.state == RevokeOutcome::State::NotRevocable);
  CHECK(outcome.alive_until == parse_rfc3339("2026-01-02T00:30:00Z"));
  bench.clock.advance(Seconds{1800});
  CHECK_FALSE(bench.provider.revoke(bench.role, bench.handles[0], nullptr).alive_until);
}

TEST_CASE("what is no handle is refused") {
  Bench bench;
  for (const char* handle : {"", "x", "a b c", "a b c d", "a b 2026-13-02T00:30:00Z"}) {
    CHECK_THROWS_AS(bench.provider.revoke(bench.role, handle, nullptr), Error);
  }
}

TEST_CASE("a lifetime is asked for as the grant has it, and cut where Google's rule cuts it") {
  Bench bench(kAsDeploy);
  bench.issue(Seconds{1799});
  const auto lifetime = [&] {
    for (auto seen = bench.http.seen.rbegin(); seen != bench.http.seen.rend(); ++seen) {
      if (seen->url.ends_with(":generateAccessToken")) {
        return Json::parse(seen->body).at("lifetime").get<std::string>();
      }
    }
    return std::string("never asked");
  };
  CHECK(lifetime() == "1799s");
  bench.issue(Seconds{9000});
  CHECK(lifetime() == "3600s");
  Bench extended(kAsDeploy + "lifetime_extension = true\n");
  extended.answer(":generateAccessToken", 400, R"({"error":{"status":"INVALID_ARGUMENT"}})");
  CHECK_THROWS_AS(extended.issue(Seconds{9000}), Error);
  CHECK(Json::parse(extended.http.seen.back().body).at("lifetime") == "9000s");
}

TEST_CASE("the assertion is signed for the token endpoint and lives an hour at most") {
  Bench bench(kAsDeploy);
  bench.issue();
  const std::string body = bench.http.seen.front().body;
  const std::string assertion = body.substr(body.find("assertion=") + 10);
  const auto claims = unverified_claims(assertion);
  REQUIRE(claims);
  CHECK(claims->at("aud") == "https://oauth2.googleapis.com/token");
  CHECK(claims->at("iss") == kRobot);
  CHECK(claims->at("exp").get<std::int64_t>() - claims->at("iat").get<std::int64_t>() == 3600);
  CHECK(claims->at("scope") == kCloudPlatformScope);
}

TEST_CASE("overload is waited out, a refusal is not") {
  Bench bench(kAsDeploy);
  int asked = 0;
  const auto usual = bench.http.answer;
  bench.http.answer = [&](const ScriptedHttp::Seen& seen) {
    if (!seen.url.ends_with("/token") || ++asked > 1) return usual(seen);
    return ScriptedHttp::reply(503, "busy");
  };
  bench.issue();
  CHECK(asked == 2);
  bench.answer(":generateAccessToken", 403,
               R"({"error":{"status":"PERMISSION_DENIED","message":"no"}})");
  const std::size_t before = bench.http.seen.size();
  const Error refused = bench.failure();
  CHECK(bench.http.seen.size() == before + 2);
  CHECK(std::string(refused.what()).find("PERMISSION_DENIED") != std::string::npos);
  CHECK(refused.hints().front().find("roles/iam.serviceAccountTokenCreator on " + kDeploy) !=
        std::string::npos);
}

TEST_CASE(
    "a child gets the variables that are honoured, and none that would make it somebody else") {
  Bench bench(kAsDeploy + "project = 'acme-prod'\nquota_project = 'billing'\n");
  const auto variables = bench.variables(bench.issue());
  CHECK(variables.at("CLOUDSDK_AUTH_ACCESS_TOKEN") == "made");
  CHECK(variables.at("GOOGLE_OAUTH_ACCESS_TOKEN") == "made");
  CHECK(variables.at("CLOUDSDK_CORE_PROJECT") == "acme-prod");
  CHECK(variables.at("GOOGLE_CLOUD_QUOTA_PROJECT") == "billing");
  CHECK(variables.at("CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT").empty());
  Bench signer("kind = 'jwt'\naudience = 'https://pubsub.googleapis.com/'\n");
  const auto others = signer.variables(signer.issue());
  CHECK(others.count("CLOUDSDK_AUTH_ACCESS_TOKEN") == 0);
  CHECK(unverified_claims(others.at("PRODACCESS_TOKEN")));
  CHECK(signer.http.seen.empty());
}

TEST_CASE("what shapes the token shapes the request key") {
  const std::string plain = Bench().provider.shape(Bench().role);
  for (const char* more :
       {"scopes = ['compute']", "service_account = 'deploy@acme.iam.gserviceaccount.com'",
        "project = 'p'", "lifetime_extension = true", "account = 'a@b'",
        "tiers.read = { scopes = ['openid'] }", "kind = 'jwt'"}) {
    CAPTURE(more);
    Bench bench(more);
    CHECK(bench.provider.shape(bench.role) != plain);
  }
}

TEST_CASE("our answer as an executable source is one that an executable source may give") {
  Bench bench;
  const Secret token = compact_jwt({{"alg", "RS256"}}, {{"sub", "ana"}},
                                   [](std::string_view) { return std::string("s"); });
  const WallTime now = bench.clock.wall_now();
  for (const char* type : {kIdTokenType, kJwtType}) {
    const Secret answer = executable_answer(token.view(), type, now + Seconds{60});
    CHECK(read_executable_answer(answer.view(), type, now).view() == token.view());
    CHECK_THROWS_AS(read_executable_answer(answer.view(), type, now + Seconds{60}), Error);
  }
}

TEST_CASE("the federation's own token where the file names no account") {
  Bench bench("", "federation = '/wif.json'\n");
  bench.files.content["/oidc"] = " external \n";
  bench.files.content["/wif.json"] =
      canonical_json({{"type", "external_account"},
                      {"audience", "//iam.googleapis.com/pool"},
                      {"subject_token_type", kJwtType},
                      {"token_url", "https://sts.googleapis.com/v1/token"},
                      {"credential_source", {{"file", "/oidc"}}}});
  const Issued issued = bench.issue();
  CHECK(issued.credential.fields.at("token").view() == "base");
  CHECK(issued.credential.fields.at("account").empty());
  REQUIRE(bench.http.seen.size() == 1);  // tokeninfo does not know such tokens
  const std::string& body = bench.http.seen[0].body;
  CHECK(body.find("subject_token=external&") != std::string::npos);
  CHECK(body.find("audience=%2F%2Fiam.googleapis.com%2Fpool") != std::string::npos);
  CHECK(bench.http.seen[0].headers.count("Authorization") == 0);
}
