#include "providers/aws/sso_login.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/grant/provider.h"
#include "providers/aws/sso_portal.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_files.h"
#include "tests/fakes/memory_keyring.h"
#include "tests/fakes/scripted_http.h"

using namespace prodaccess;

namespace {

class ToldPrompt final : public Prompt {
 public:
  Secret ask_secret(const std::string&) override { throw Error(ErrorCode::Denied, "nobody"); }
  std::string ask(const std::string&) override { throw Error(ErrorCode::Denied, "nobody"); }
  void tell(const std::string& line) override { told += line + "\n"; }
  std::string told;
};

// The service, as its API reference describes it.
struct FakeCenter {
  std::vector<std::string> polls;  // errors before the token
  std::string refresh_error;
  std::string page = "https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH";
  int tokens = 0;

  HttpResponse answer(const ScriptedHttp::Seen& seen) {
    const bool portal = seen.url.find("portal.sso") != std::string::npos;
    if (portal) return portal_answer(seen);
    const Json body = Json::parse(seen.body);
    if (seen.url.ends_with("/client/register")) {
      return ScriptedHttp::reply(
          200, R"({"clientId":"id-1","clientSecret":"cs","clientSecretExpiresAt":1900000000})");
    }
    if (seen.url.ends_with("/device_authorization")) {
      CHECK(body.at("clientSecret") == "cs");
      return ScriptedHttp::reply(
          200, Json({{"deviceCode", "device"},
                     {"userCode", "ABCD-EFGH"},
                     {"verificationUri", "https://device.sso.eu-west-1.amazonaws.com/"},
                     {"verificationUriComplete", page},
                     {"expiresIn", 600},
                     {"interval", 1}})
                   .dump());
    }
    return token_answer(body);
  }

  HttpResponse token_answer(const Json& body) {
    if (body.at("grantType") == "refresh_token") {
      if (!refresh_error.empty()) return refuse(refresh_error);
      CHECK(body.at("refreshToken") == "refresh-" + std::to_string(tokens));
    } else if (!polls.empty()) {
      const std::string error = polls.front();
      polls.erase(polls.begin());
      return refuse(error);
    }
    const std::string number = std::to_string(++tokens);
    return ScriptedHttp::reply(200, R"({"accessToken":"access-)" + number +
                                        R"(","expiresIn":3600,"refreshToken":"refresh-)" + number +
                                        "\"}");
  }

  static HttpResponse portal_answer(const ScriptedHttp::Seen& seen) {
    if (seen.url.ends_with("/logout")) return ScriptedHttp::reply(200, "");
    return ScriptedHttp::reply(
        200,
        R"({"roleCredentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"s","sessionToken":"t",)"
        R"("expiration":1767326400000}})");
  }

  static HttpResponse refuse(const std::string& error) {
    return ScriptedHttp::reply(400, R"({"error":")" + error + R"(","error_description":"no"})");
  }
};

struct Bench {
  ManualClock clock;
  ScriptedHttp http;
  FakeCenter center;
  MemoryFiles files;
  MemoryDurableStore store;
  ToldPrompt prompt;
  SsoSession session{
      "corp", "https://corp.awsapps.com/start", "eu-west-1", {"sso:account:access"}, "", ""};
  std::vector<Milliseconds> pauses;
  SsoTokens tokens{http, clock, [this]() -> DurableStore& { return store; },
                   [this] { return SingleFlight(files, "/claims"); }};
  SsoLogin login{tokens, session, [this](Milliseconds pause) { pauses.push_back(pause); }};

  Bench() {
    files.folders.insert("/claims");
    http.answer = [this](const ScriptedHttp::Seen& seen) { return center.answer(seen); };
  }
};

template <typename Act>
std::string message_of(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    std::string text = error.what();
    for (const std::string& hint : error.hints()) text += " | " + hint;
    return text;
  }
  return "";
}

}  // namespace

TEST_CASE("sso: a login shows page and code, waits as it is told, and is kept") {
  Bench bench;
  bench.center.polls = {"authorization_pending", "slow_down", "authorization_pending"};
  const LoginState state = bench.login.sign_in(bench.prompt);
  CHECK(state.signed_in);
  CHECK(bench.prompt.told.find(bench.center.page) != std::string::npos);
  CHECK(bench.prompt.told.find("ABCD-EFGH") != std::string::npos);
  CHECK(bench.pauses == std::vector<Milliseconds>{Seconds{1}, Seconds{1}, Seconds{6}, Seconds{6}});
  CHECK(bench.tokens.access_token(bench.session).view() == "access-1");
  CHECK(bench.http.seen.front().url == "https://oidc.eu-west-1.amazonaws.com/client/register");
}

TEST_CASE("sso: a token is refreshed once it nears its end, by the newest refresh token") {
  Bench bench;
  bench.login.sign_in(bench.prompt);
  bench.clock.advance(Seconds{3500});
  CHECK(bench.tokens.access_token(bench.session).view() == "access-2");
  CHECK(bench.tokens.access_token(bench.session).view() == "access-2");
  bench.clock.advance(Seconds{3500});
  CHECK(bench.tokens.access_token(bench.session).view() == "access-3");
}

TEST_CASE("sso: where refreshing is refused, what lives serves; after that a person is needed") {
  Bench bench;
  bench.login.sign_in(bench.prompt);
  bench.center.refresh_error = "invalid_grant";
  bench.clock.advance(Seconds{3500});
  CHECK(bench.tokens.access_token(bench.session).view() == "access-1");
  bench.clock.advance(Seconds{200});
  const std::string message = message_of([&] { bench.tokens.access_token(bench.session); });
  CHECK(message.find("has expired") != std::string::npos);
  CHECK(message.find("| prodaccess login corp") != std::string::npos);
}

TEST_CASE("sso: no login, a refusal in the browser, an unconfirmed code") {
  Bench bench;
  CHECK(message_of([&] { bench.tokens.access_token(bench.session); }) ==
        "not signed in at https://corp.awsapps.com/start | prodaccess login corp");
  bench.center.polls = {"access_denied"};
  CHECK(message_of([&] { bench.login.sign_in(bench.prompt); }).find("refused in the browser") !=
        std::string::npos);
  bench.center.polls = {"expired_token"};
  CHECK(message_of([&] { bench.login.sign_in(bench.prompt); }).find("nobody confirmed") !=
        std::string::npos);
  bench.center.polls.assign(1000, "authorization_pending");
  CHECK(message_of([&] { bench.login.sign_in(bench.prompt); }).find("nobody confirmed") !=
        std::string::npos);
  CHECK_FALSE(bench.login.state().signed_in);
}

TEST_CASE("sso: hostile replies keep nothing") {
  Bench bench;
  for (const std::string page :
       {"http://evil.example/", "javascript:alert(1)", "https://x/\x1b[2J", "file:///etc/passwd"}) {
    bench.center.page = page;
    CHECK_FALSE(message_of([&] { bench.login.sign_in(bench.prompt); }).empty());
  }
  CHECK(bench.prompt.told.empty());
  CHECK(bench.store.keys().empty());
  bench.session.region = "evil.example/";
  CHECK(message_of([&] { sso_origin(bench.session, "oidc"); }).find("is not the region") !=
        std::string::npos);
}

TEST_CASE("sso: role keys carry the end in milliseconds; logging out forgets") {
  Bench bench;
  bench.login.sign_in(bench.prompt);
  const Secret token = bench.tokens.access_token(bench.session);
  const AwsCredential keys =
      SsoPortal(bench.http, bench.session).role_credentials(token, "111122223333", "ops & more");
  CHECK(keys.access_key_id == "ASIAEXAMPLE");
  CHECK(format_rfc3339(*keys.expires_at) == "2026-01-02T04:00:00Z");
  CHECK(bench.http.seen.back().url ==
        "https://portal.sso.eu-west-1.amazonaws.com/federation/"
        "credentials?role_name=ops%20%26%20more&account_id=111122223333");
  CHECK(bench.login.sign_out());
  CHECK(bench.http.seen.back().url.ends_with("/logout"));
  CHECK_FALSE(bench.login.state().signed_in);
  CHECK_FALSE(bench.login.sign_out());
}
