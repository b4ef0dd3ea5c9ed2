#include "providers/gcp/google_reply.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "tests/fakes/scripted_http.h"

using namespace prodaccess;

namespace {

const WallTime kNow = *parse_rfc3339("2026-01-02T00:00:00Z");

template <typename Read>
std::string problem(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Provider);
    return error.what();
  }
  return "accepted";
}

std::string oauth(const std::string& members) {
  return R"({"access_token":"ya29.x","token_type":"Bearer")" + members + "}";
}

std::string id_token(const std::string& claims) { return "aGVhZA." + base64url(claims) + ".c2ln"; }

std::string generated(const std::string& end) {
  return R"({"accessToken":"ya29.y","expireTime":")" + end + "\"}";
}

}  // namespace

TEST_CASE("a token's life comes as a number or as digits, or is the subject's") {
  CHECK(read_oauth_token(oauth(R"(,"expires_in":60)"), kNow).expires_at == kNow + Seconds{60});
  CHECK(read_oauth_token(oauth(R"(,"expires_in":"3599")"), kNow).expires_at ==
        kNow + Seconds{3599});
  CHECK(read_oauth_token(oauth(""), kNow, kNow + Seconds{5}).expires_at == kNow + Seconds{5});
  for (const char* life : {"", R"(,"expires_in":0)", R"(,"expires_in":-1)", R"(,"expires_in":"x")",
                           R"(,"expires_in":"")", R"(,"expires_in":1.5)", R"(,"expires_in":50000)",
                           R"(,"expires_in":99999999999999999999)", R"(,"expires_in":null)"}) {
    CAPTURE(life);
    CHECK(problem([&] { read_oauth_token(oauth(life), kNow); }).find("believable") !=
          std::string::npos);
  }
}

TEST_CASE("what is no token is refused and not quoted") {
  for (const char* body :
       {"[]", "7", R"({"access_token":"","token_type":"Bearer","expires_in":9})",
        R"({"access_token":"CANARY\r\nX: y","token_type":"Bearer","expires_in":9})",
        R"({"access_token":["CANARY"],"token_type":"Bearer","expires_in":9})",
        R"({"access_token":"CANARY","token_type":"mac","expires_in":9})", "CANARY"}) {
    CAPTURE(body);
    const std::string said = problem([&] { read_oauth_token(body, kNow); });
    CHECK(said != "accepted");
    CHECK(said.find("CANARY") == std::string::npos);
  }
}

TEST_CASE("a generated token may not outlive what was asked for") {
  const auto read = [](const std::string& end) {
    return problem([&] { read_generated_token(generated(end), kNow, Seconds{600}); });
  };
  CHECK(read("2026-01-02T00:10:00Z") == "accepted");
  CHECK(read("2026-01-02T00:11:59Z") == "accepted");  // within what clocks may differ
  CHECK(read("2026-01-02T00:12:01Z").find("not believable") != std::string::npos);
  CHECK(read("2026-01-01T23:59:59Z").find("not believable") != std::string::npos);
  CHECK(read("soon").find("there is none") != std::string::npos);
}

TEST_CASE("an ID token is for the audience that was asked for") {
  const auto read = [](const std::string& claims) {
    return problem([&] { checked_id_token(Secret(id_token(claims)), "https://a.test", kNow); });
  };
  CHECK(read(R"({"aud":"https://a.test","exp":1767312010})") == "accepted");
  CHECK(read(R"({"aud":["x","https://a.test"],"exp":1767312010})") == "accepted");
  CHECK(read(R"({"aud":"https://b.test","exp":1767312010})").find("no ID token for") !=
        std::string::npos);
  CHECK(read(R"({"exp":1767312010})").find("no ID token for") != std::string::npos);
  CHECK(read(R"({"aud":"https://a.test"})").find("without end") != std::string::npos);
  CHECK(read(R"({"aud":"https://a.test","exp":1767312000})").find("life") != std::string::npos);
  CHECK(read(R"({"aud":"https://a.test","exp":9223372036854775807})").find("life") !=
        std::string::npos);
  CHECK(read(R"({"aud":"https://a.test","exp":-9223372036854775807})").find("life") !=
        std::string::npos);
}

TEST_CASE("both forms of an error become one safe line") {
  CHECK(google_problem(ScriptedHttp::reply(
            400, R"({"error":"invalid_grant","error_description":"Invalid JWT \u001b[2J"})")) ==
        "status 400 invalid_grant: Invalid JWT \\x1b[2J");
  CHECK(google_problem(ScriptedHttp::reply(
            403, R"({"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}})")) ==
        "status 403 PERMISSION_DENIED: no");
  CHECK(google_problem(ScriptedHttp::reply(502, "<html>CANARY</html>")) == "status 502");
  CHECK(google_problem(ScriptedHttp::reply(400, R"({"error":7})")) == "status 400");
  CHECK(google_error_subtype(ScriptedHttp::reply(
            400, R"({"error":"invalid_grant","error_subtype":"invalid_rapt"})")) == "invalid_rapt");
}

TEST_CASE("an address counts where Google has verified it") {
  CHECK(read_token_info(R"({"email":"a@b","email_verified":"true","scope":"x  y"})").email ==
        "a@b");
  CHECK(read_token_info(R"({"email":"a@b","email_verified":"false"})").email.empty());
  CHECK(read_token_info(R"({"email":"a@b"})").email.empty());
  CHECK(read_token_info(R"({"scope":"x  y"})").scopes == std::vector<std::string>{"x", "y"});
}

TEST_CASE("what gcloud prints for other programs") {
  const auto text = [](const std::string& end) {
    return R"({"configuration":{"properties":{"core":{"account":"ana@example.com"}}},)"
           R"("credential":{"access_token":"t","id_token":null,"token_expiry":")" +
           end + "\"}}";
  };
  const GcloudReply reply = read_gcloud_reply(text("2026-01-02T01:00:00Z"), kNow);
  CHECK(reply.account == "ana@example.com");
  CHECK(reply.token.expires_at == kNow + Seconds{3600});
  CHECK(problem([&] { read_gcloud_reply(text("2026-01-01T00:00:00Z"), kNow); }) != "accepted");
  CHECK(problem([&] { read_gcloud_reply("{}", kNow); }) != "accepted");
}
