#include "providers/kubernetes/kubernetes_provider.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "tests/fakes/counting_random.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_files.h"
#include "tests/fakes/scripted_http.h"

using namespace prodaccess;

namespace {

const std::string kRole =
    "server = 'https://api.test:6443/'\nca_file = '/etc/ca.crt'\ncontext = 'prod-eu'\n"
    "namespace = 'shop'\nservice_account = 'editor'\nauth = 'token-file'\n"
    "token_file = '/home/me/token'\n";

std::string token_for(const std::string& account) {
  return "aGVhZA." + base64url(R"({"sub":"system:serviceaccount:shop:)" + account + "\"}") +
         ".c2ln";
}

std::string token_reply(const std::string& token, const std::string& expiry) {
  return R"({"kind":"TokenRequest","status":{"token":")" + token + R"(","expirationTimestamp":")" +
         expiry + "\"}}";
}

constexpr const char* kOnlyViews =
    R"({"status":{"incomplete":false,"resourceRules":[
         {"verbs":["create"],"apiGroups":["authorization.k8s.io"],
          "resources":["selfsubjectaccessreviews","selfsubjectrulesreviews"]},
         {"verbs":["get","list","watch"],"apiGroups":[""],"resources":["pods","pods/log"]}],
       "nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/healthz"]}]}})";

struct Bench {
  ScriptedHttp http;
  MemoryFiles files;
  ManualClock clock;  // 2026-01-02T00:00:00Z
  CountingRandom random;
  KubernetesProvider provider{http, files, clock, random, "/usr/bin/prodaccess"};
  Role role;
  std::vector<std::string> handles;
  std::string expiry = "2026-01-02T00:30:00Z";
  std::string token = token_for("editor");
  std::string rules = kOnlyViews;
  int token_status = 201;
  int accepts_status = 401;

  explicit Bench(const std::string& more = "") {
    role.name = "shop";
    role.provider = "kubernetes";
    role.parameters = parse_toml(kRole + more, "c.toml", ErrorCode::Config);
    files.content["/home/me/token"] = "base-token\n";
    http.answer = [this](const ScriptedHttp::Seen& asked) { return respond(asked); };
  }

  HttpResponse respond(const ScriptedHttp::Seen& asked) const {
    if (asked.method == "DELETE") return ScriptedHttp::reply(200, "{}");
    if (asked.url.ends_with("/secrets")) {
      return ScriptedHttp::reply(201, R"({"metadata":{"uid":"uid-1"}})");
    }
    if (asked.url.ends_with("/token")) {
      return ScriptedHttp::reply(
          token_status, token_status == 201 ? token_reply(token, expiry)
                                            : R"({"reason":"Forbidden","message":"no \u001b"})");
    }
    if (asked.url.ends_with("selfsubjectrulesreviews")) return ScriptedHttp::reply(201, rules);
    return ScriptedHttp::reply(accepts_status, "{}");
  }

  Issued issue(Seconds ttl = Seconds{1800}, Tier tier = Tier::Wide) {
    const IssueRequest request{role, {}, "ana", "0123", tier, clock.wall_now() + ttl};
    return provider.issue(request,
                          [this](const std::string& handle) { handles.push_back(handle); });
  }

  std::string failure() {
    try {
      issue();
    } catch (const Error& error) {
      return error.what();
    }
    return "issued";
  }

  int count(const std::string& method) const {
    return static_cast<int>(
        std::count_if(http.seen.begin(), http.seen.end(),
                      [&](const ScriptedHttp::Seen& seen) { return seen.method == method; }));
  }
};

}  // namespace

TEST_CASE("a token is bound to a secret of its own, whose name is told first") {
  Bench bench;
  const Issued issued = bench.issue();
  REQUIRE(bench.handles.size() == 1);
  REQUIRE(bench.http.seen.size() == 2);
  const Json secret = Json::parse(bench.http.seen[0].body);
  CHECK(bench.http.seen[0].url == "https://api.test:6443/api/v1/namespaces/shop/secrets");
  CHECK(bench.handles[0] == "shop/" + secret.at("metadata").at("name").get<std::string>());
  CHECK(secret.at("metadata").at("annotations").at("prodaccess/grant") == "0123");
  const Json asked = Json::parse(bench.http.seen[1].body);
  CHECK(bench.http.seen[1].url ==
        "https://api.test:6443/api/v1/namespaces/shop/serviceaccounts/editor/token");
  CHECK(asked.at("spec").at("expirationSeconds") == 1800);
  CHECK(asked.at("spec").at("boundObjectRef").at("uid") == "uid-1");
  CHECK(bench.http.seen[1].headers.find("Authorization")->second == "Bearer base-token");
  CHECK(issued.credential.fields.at("token").view() == bench.token);
  CHECK(issued.credential.expires_at == parse_rfc3339("2026-01-02T00:30:00Z"));
  CHECK(issued.description.identity == "system:serviceaccount:shop:editor");
  CHECK(issued.description.notes.empty());
}

TEST_CASE("a short grant gets the shortest token there is, and the truth about it") {
  Bench bench;
  bench.expiry = "2026-01-02T00:10:00Z";
  const Issued issued = bench.issue(Seconds{60});
  CHECK(Json::parse(bench.http.seen[1].body).at("spec").at("expirationSeconds") == 600);
  CHECK(issued.credential.expires_at == bench.clock.wall_now() + Seconds{60});
  CHECK(
      issued.description.notes ==
      std::vector<std::string>{"the token itself lives until 2026-01-02T00:10:00Z unless revoked"});
}

TEST_CASE("the secret goes again where no good token came") {
  for (const std::string& token :
       {token_for("other"), std::string("no-jwt"), std::string("a b.c.d"), std::string()}) {
    CAPTURE(token);
    Bench bench;
    bench.token = token;
    CHECK(bench.failure().starts_with("Kubernetes answered with something that is no token"));
    CHECK(bench.count("DELETE") == 1);
  }
  for (const std::string expiry : {"2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "soon"}) {
    CAPTURE(expiry);
    Bench bench;
    bench.expiry = expiry;
    CHECK(bench.failure() != "issued");
    CHECK(bench.count("DELETE") == 1);
  }
  Bench bench;
  bench.token_status = 403;
  CHECK(bench.failure() ==
        "Kubernetes would not issue a token for editor: status 403 Forbidden: no \\x1b");
  CHECK(bench.count("DELETE") == 1);
}

TEST_CASE("the read tier is its own account, and reads only by the server's word") {
  Bench bench("tiers = { read = { service_account = 'viewer' } }");
  bench.token = token_for("viewer");
  CHECK(bench.provider.has_tiers(bench.role));
  CHECK(bench.issue(Seconds{1800}, Tier::Read).description.identity ==
        "system:serviceaccount:shop:viewer");
  bench.token = token_for("editor");
  bench.rules = "{}";
  CHECK(bench.issue().description.identity == "system:serviceaccount:shop:editor");
}

TEST_CASE("an account that may do more than read is no read tier") {
  const auto beyond = [](const std::string& rules) {
    Bench bench;
    bench.role.narrowed = Effect::Read;
    bench.rules = R"({"status":)" + rules + "}";
    const std::string told = bench.failure();
    CHECK(told.starts_with("the service account may do more than read: "));
    CHECK(bench.count("DELETE") == 1);
    return told.substr(43);
  };
  CHECK(
      beyond(
          R"({"incomplete":false,"resourceRules":[{"verbs":["get","delete"],"resources":["pods"]}]})") ==
      "get,delete on pods");
  CHECK(
      beyond(
          R"({"incomplete":false,"resourceRules":[{"verbs":["get"],"resources":["secrets"]}]})") ==
      "get on secrets");
  CHECK(
      beyond(
          R"({"incomplete":false,"resourceRules":[{"verbs":["get"],"resources":["pods/exec"]}]})") ==
      "get on pods/exec");
  CHECK(beyond(R"({"incomplete":false,"resourceRules":[{"verbs":["*"],"resources":["pods"]}]})") ==
        "* on pods");
  CHECK(
      beyond(
          R"({"incomplete":false,"nonResourceRules":[{"verbs":["post"],"nonResourceURLs":["/x"]}]})") ==
      "post on /x");
  CHECK(beyond(R"({"incomplete":true})") == "rules that the server cannot list");
  CHECK(beyond(R"({})") == "rules that the server cannot list");
  CHECK(beyond(R"({"incomplete":false,"resourceRules":["x"]})") == "rules that cannot be read");
  CHECK(beyond(R"("x")") == "rules that cannot be read");
  Bench bench;
  bench.role.narrowed = Effect::Read;
  CHECK(bench.failure() == "issued");
}

TEST_CASE("revocation deletes the secret and looks whether the token died") {
  Bench bench;
  const Issued issued = bench.issue();
  const auto outcome =
      bench.provider.revoke(bench.role, issued.credential.handle, &issued.credential);
  CHECK(outcome.state == RevokeOutcome::State::Revoked);
  CHECK(outcome.detail.ends_with("the server refuses it now"));
  CHECK_FALSE(outcome.alive_until);
  CHECK(bench.http.seen[2].url ==
        "https://api.test:6443/api/v1/namespaces/" +
            std::string(issued.credential.handle).replace(0, 5, "shop/secrets/"));
  bench.accepts_status = 200;
  CHECK(
      bench.provider.revoke(bench.role, issued.credential.handle, &issued.credential).alive_until);
  const auto blind = bench.provider.revoke(bench.role, issued.credential.handle, nullptr);
  CHECK(blind.state == RevokeOutcome::State::Revoked);
  CHECK_THROWS_AS(bench.provider.revoke(bench.role, "shop/../../x", nullptr), Error);
}

TEST_CASE("what is bound to nothing cannot be revoked, and is not said to be") {
  Bench bench("revocable = false");
  const Issued issued = bench.issue();
  CHECK(bench.http.seen.size() == 1);
  CHECK_FALSE(Json::parse(bench.http.seen[0].body).at("spec").contains("boundObjectRef"));
  const auto outcome =
      bench.provider.revoke(bench.role, issued.credential.handle, &issued.credential);
  CHECK(outcome.state == RevokeOutcome::State::NotRevocable);
  CHECK(outcome.alive_until == issued.credential.expires_at);
}

TEST_CASE("a client certificate speaks without a token") {
  ScriptedHttp http;
  Bench bench;
  bench.role.parameters = parse_toml(
      "server = 'https://api.test'\nnamespace = 'shop'\nservice_account = 'editor'\n"
      "auth = 'client-certificate'\nclient_certificate = '/c.pem'\nclient_key = '/k.pem'",
      "c.toml", ErrorCode::Config);
  bench.issue();
  CHECK(bench.http.seen[0].client_certificate == "/c.pem");
  CHECK(bench.http.seen[0].headers.count("Authorization") == 0);
}

TEST_CASE("the parameters of Kubernetes are read strictly") {
  const auto accepted = [](const std::string& text) {
    try {
      read_kubernetes_parameters(parse_toml(text, "c.toml", ErrorCode::Config));
      return true;
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::Config);
      return false;
    }
  };
  CHECK(accepted(kRole));
  const auto with = [](std::string from, const std::string& to) {
    std::string text = kRole;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"https://api.test:6443/", "http://api.test"},
           {"https://api.test:6443/", "https://"},
           {"https://api.test:6443/", "https://user@api.test"},
           {"https://api.test:6443/", "https://api.test?x=1"},
           {"'shop'", "'Shop'"},
           {"'shop'", "'a/b'"},
           {"'shop'", "'" + std::string(64, 'a') + "'"},
           {"'editor'", "'edit or'"},
           {"'editor'", "'../x'"},
           {"'token-file'", "'password'"},
           {"token_file = '/home/me/token'", ""},
           {"'/home/me/token'", "'token'"},
           {"'prod-eu'", "'a\\u202eb'"},
           {"context", "contxt"}}) {
    const std::string written = to;  // clang 14: a lambda cannot take a structured binding
    CAPTURE(written);
    CHECK_FALSE(accepted(
        with(from, to[0] == '\'' && to.find("\\u") != std::string::npos ? "\"a\\u202eb\"" : to)));
  }
}
