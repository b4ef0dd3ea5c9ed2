#include "providers/vault/vault_provider.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "tests/fakes/counting_random.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_files.h"
#include "tests/fakes/memory_keyring.h"
#include "tests/fakes/scripted_http.h"

using namespace prodaccess;

namespace {

const std::string kLogin = "login = { method = 'token', token_from = 'file:/home/me/token' }\n";
const std::string kRole = "address = 'https://vault.test:8200/'\npolicies = ['p']\n" + kLogin;

// A server that makes tokens, and answers each path with what a test says.
struct Bench {
  ScriptedHttp http;
  MemoryFiles files;
  ManualClock clock;  // 2026-01-02T00:00:00Z
  CountingRandom random;
  MemoryDurableStore durable;
  VaultProvider provider;
  Role role;
  std::vector<std::string> handles;
  std::set<std::string> dead;                                  // tokens that revoked themselves
  std::map<std::string, std::pair<int, std::string>> answers;  // the path's end: status, body

  explicit Bench(const std::string& keys = "", const std::string& base = kRole)
      : provider(SecretSources{files, http, [](const char*) { return std::string(); },
                               [this]() -> DurableStore& { return durable; },
                               []() -> Prompt& { throw Error(ErrorCode::Denied, "nobody here"); }},
                 clock, random, "/usr/bin/prodaccess") {
    role.name = "app";
    role.provider = "vault";
    role.parameters = parse_toml(base + keys, "c.toml", ErrorCode::Config);
    files.content["/home/me/token"] = "base-token\n";
    http.answer = [this](const ScriptedHttp::Seen& asked) { return respond(asked); };
    answers["auth/token/lookup-self"] = {200, R"({"data":{"accessor":"base","renewable":false}})"};
    answers["auth/token/create"] = {
        200, R"({"auth":{"client_token":"child","accessor":"acc","policies":["p"],
                 "lease_duration":1800,"renewable":true}})"};
    answers["auth/token/revoke-self"] = {204, ""};
    answers["auth/token/revoke-accessor"] = {204, ""};
    answers["auth/token/lookup-accessor"] = {400, R"({"errors":["invalid accessor"]})"};
    answers["sys/leases/revoke"] = {204, ""};
    answers["sys/leases/lookup"] = {400, R"({"errors":["invalid lease"]})"};
  }

  virtual ~Bench() = default;

  virtual HttpResponse respond(const ScriptedHttp::Seen& asked) {
    const std::string path = asked.url.substr(asked.url.find("/v1/") + 4);
    const auto token = asked.headers.find("X-Vault-Token");
    if (token != asked.headers.end()) {
      if (path == "auth/token/revoke-self") dead.insert(token->second);
      if (path == "auth/token/lookup-self" && dead.contains(token->second)) {
        return ScriptedHttp::reply(403, R"({"errors":["permission denied"]})");
      }
    }
    const auto found = answers.find(path);
    HttpResponse response = found == answers.end()
                                ? ScriptedHttp::reply(404, R"({"errors":[]})")
                                : ScriptedHttp::reply(found->second.first, found->second.second);
    response.headers.emplace("retry-after", "0");  // no pauses
    return response;
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

  std::vector<std::string> asked() const {
    std::vector<std::string> lines;
    for (const auto& seen : http.seen) {
      lines.push_back(seen.method + " " + seen.url.substr(seen.url.find("/v1/") + 4));
    }
    return lines;
  }

  const ScriptedHttp::Seen& last(const std::string& path) const {
    for (auto seen = http.seen.rbegin(); seen != http.seen.rend(); ++seen) {
      if (seen->url.ends_with("/v1/" + path)) return *seen;
    }
    throw std::runtime_error("never asked: " + path);
  }
};

std::string header(const ScriptedHttp::Seen& seen, const std::string& name) {
  const auto found = seen.headers.find(name);
  return found == seen.headers.end() ? "" : found->second;
}

}  // namespace

TEST_CASE("the grant's token is made narrow, recorded, and only then used") {
  Bench bench("engine = 'database'\nrole = 'orders'\n");
  std::size_t handles_at_use = 0;
  bench.answers["database/creds/orders"] = {
      200, R"({"lease_id":"database/creds/orders/1","lease_duration":3600,"renewable":true,
               "data":{"username":"u","password":"p"}})"};
  bench.http.answer = [&](const ScriptedHttp::Seen& asked) {
    if (asked.url.ends_with("creds/orders")) handles_at_use = bench.handles.size();
    return bench.respond(asked);
  };
  const Issued issued = bench.issue();
  CHECK(handles_at_use == 1);
  CHECK(bench.handles ==
        std::vector<std::string>{"accessor:acc", "accessor:acc lease:database/creds/orders/1"});
  CHECK(issued.credential.handle == bench.handles.back());
  const Json made = Json::parse(bench.last("auth/token/create").body);
  CHECK(made.at("policies") == Json{"p"});
  CHECK(made.at("ttl") == "1800s");
  CHECK(made.at("explicit_max_ttl") == "3600s");  // the role's longest
  CHECK(made.at("type") == "service");
  CHECK(made.at("meta").at("prodaccess_grant") == "0123");
  CHECK(header(bench.last("auth/token/create"), "X-Vault-Token") == "base-token");
  CHECK(header(bench.last("database/creds/orders"), "X-Vault-Token") == "child");
  CHECK(header(bench.last("database/creds/orders"), "X-Vault-Request") == "true");
  CHECK(issued.credential.fields.at("username").view() == "u");
  CHECK(issued.credential.fields.count("token") == 0);
  CHECK(issued.credential.expires_at == bench.clock.wall_now() + Seconds{1800});
  CHECK(issued.description.identity == "u");
}

TEST_CASE("a lease that is shorter than the grant is lengthened, and told as it is") {
  Bench bench("engine = 'database'\nrole = 'orders'\n");
  bench.answers["database/creds/orders"] = {200,
                                            R"({"lease_id":"l","lease_duration":60,"renewable":true,
               "data":{"username":"u","password":"p"}})"};
  bench.answers["sys/leases/renew"] = {200, R"({"lease_id":"l","lease_duration":900})"};
  CHECK(bench.issue().credential.expires_at == bench.clock.wall_now() + Seconds{900});
  CHECK(Json::parse(bench.last("sys/leases/renew").body).at("increment") == 1800);
  bench.answers["sys/leases/renew"] = {400, R"({"errors":["lease is not renewable"]})"};
  CHECK(bench.issue().credential.expires_at == bench.clock.wall_now() + Seconds{60});
}

TEST_CASE("what fails after the token was made takes the token back") {
  for (const std::string body :
       {R"({"data":{"username":"u"}})", R"({"data":{"username":"u\n","password":"p"}})", "[]",
        R"({"data":null})", R"({"lease_duration":-4,"data":{}})"}) {
    CAPTURE(body);
    Bench bench("engine = 'database'\nrole = 'orders'\n");
    bench.answers["database/creds/orders"] = {200, body};
    CHECK(bench.failure() != "issued");
    CHECK(header(bench.last("auth/token/revoke-self"), "X-Vault-Token") == "child");
  }
  Bench root;
  root.answers["auth/token/create"].second =
      R"({"auth":{"client_token":"t","accessor":"a","policies":["root"],"lease_duration":60}})";
  CHECK(root.failure() == "the server gave the grant a root token; it was refused");
  Bench endless;
  endless.answers["auth/token/create"].second =
      R"({"auth":{"client_token":"t","accessor":"a","policies":["p"],"lease_duration":0}})";
  CHECK(endless.failure() == "the server gave the grant a token without an end");
  Bench batch;
  batch.answers["auth/token/create"].second =
      R"({"auth":{"client_token":"b.x","accessor":"","policies":["p"],"lease_duration":60}})";
  CHECK(batch.failure().find("batch tokens") != std::string::npos);
}

TEST_CASE("nodes that cannot answer are passed over, and redirects lead to known ones only") {
  const std::string nodes = "other_addresses = ['https://b.test:8200', 'https://c.test']\n";
  for (const int status : {472, 473, 503}) {
    CAPTURE(status);
    Bench bench(nodes);
    bench.http.answer = [&](const ScriptedHttp::Seen& asked) {
      if (asked.url.starts_with("https://vault.test")) return ScriptedHttp::reply(status, "{}");
      return bench.respond(asked);
    };
    CHECK(bench.failure() == "issued");
    CHECK(bench.http.seen.back().url.starts_with("https://b.test:8200/"));
  }
  Bench down(nodes);
  down.http.answer = [&](const ScriptedHttp::Seen& asked) -> HttpResponse {
    if (!asked.url.starts_with("https://c.test/")) throw HttpFailure("no way there", true);
    return down.respond(asked);
  };
  CHECK(down.failure() == "issued");

  const auto redirecting = [](Bench& bench, const std::string& to) {
    bench.http.answer = [&bench, to](const ScriptedHttp::Seen& asked) {
      if (!asked.url.starts_with("https://vault.test")) return bench.respond(asked);
      HttpResponse response = ScriptedHttp::reply(307, "");
      response.headers.emplace("location", to + asked.url.substr(23));
      return response;
    };
  };
  Bench standby(nodes);
  redirecting(standby, "https://c.test");
  CHECK(standby.failure() == "issued");
  for (const std::string to : {"https://evil.test", "http://c.test", "https://c.test:444",
                               "https://c.test.evil.test", "//c.test", ""}) {
    CAPTURE(to);
    Bench bench(nodes);
    redirecting(bench, to);
    CHECK(bench.failure().find("sends us to another host") != std::string::npos);
    CHECK(bench.http.seen.size() == 1);
  }
  Bench circle(nodes);
  circle.http.answer = [](const ScriptedHttp::Seen& asked) {
    HttpResponse response = ScriptedHttp::reply(307, "");
    const bool first = asked.url.starts_with("https://vault.test");
    response.headers.emplace("location", first ? "https://c.test/x" : "https://vault.test:8200/x");
    return response;
  };
  CHECK(circle.failure().find("in a circle") != std::string::npos);
}

TEST_CASE("what a server says it did not do is asked again, and nothing else that issues") {
  const auto tries = [](int status) {
    Bench bench("engine = 'database'\nrole = 'orders'\n");
    bench.answers["database/creds/orders"] = {status, R"({"errors":["later"]})"};
    CHECK(bench.failure().find(std::to_string(status) + " later") != std::string::npos);
    const auto asked = bench.asked();
    return std::count(asked.begin(), asked.end(), "GET database/creds/orders");
  };
  for (const int status : {412, 429, 503}) CHECK(tries(status) == 4);
  for (const int status : {400, 403, 404, 405, 500, 501, 502}) CHECK(tries(status) == 1);
}

TEST_CASE("the engines that only one product has") {
  Bench user("engine = 'aws'\nrole = 'deploy'\n");
  user.answers["aws/creds/deploy"] = {
      200, R"({"lease_id":"aws/creds/deploy/1","lease_duration":900,"renewable":true,
               "data":{"access_key":"AK","secret_key":"SK","session_token":null}})"};
  const Issued key = user.issue();
  CHECK(user.last("aws/creds/deploy").method == "POST");
  CHECK(key.credential.fields.at("access_key_id").view() == "AK");
  CHECK(key.credential.fields.count("session_token") == 0);
  CHECK(key.credential.handle == "accessor:acc lease:aws/creds/deploy/1");
  const auto variables = user.provider.environment(user.role, key.credential);
  CHECK(variables.size() == 2);
  CHECK(variables[0].first == "AWS_ACCESS_KEY_ID");

  Bench session("engine = 'aws'\nkind = 'sts'\nrole = 'deploy'\n");
  session.answers["aws/sts/deploy"] = {200,
                                       R"({"lease_id":"l","lease_duration":900,"renewable":false,
               "data":{"access_key":"AK","secret_key":"SK","security_token":"ST"}})"};
  const Issued keys = session.issue();
  CHECK(Json::parse(session.last("aws/sts/deploy").body).at("ttl") == "1800s");
  CHECK(keys.credential.fields.at("session_token").view() == "ST");
  CHECK(keys.credential.expires_at == session.clock.wall_now() + Seconds{900});
  const auto outcome = session.provider.revoke(session.role, keys.credential.handle, nullptr);
  CAPTURE(outcome.detail);
  CHECK(outcome.state == RevokeOutcome::State::NotRevocable);
  CHECK(outcome.alive_until == session.clock.wall_now() + Seconds{900});

  Bench token("engine = 'gcp'\nrole = 'viewer'\n");
  token.answers["gcp/roleset/viewer/token"] = {
      200, R"({"data":{"token":"ya29","expires_at_seconds":1767313800,"token_ttl":3599}})"};
  const Issued google = token.issue();
  CHECK(google.credential.fields.at("access_token").view() == "ya29");
  CHECK(google.credential.expires_at == parse_rfc3339("2026-01-02T00:30:00Z"));
  CHECK(google.credential.handle == "accessor:acc until:2026-01-02T00:30:00Z");

  Bench file("engine = 'gcp'\nkind = 'static-account-key'\nrole = 'ci'\n");
  file.answers["gcp/static-account/ci/key"] = {
      200, R"({"lease_id":"l","lease_duration":3600,"data":{"private_key_data":")" +
               base64(R"({"type":"service_account"})") + "\"}}"};
  CHECK(file.issue().credential.fields.at("private_key_data").view() ==
        R"({"type":"service_account"})");

  Bench account("engine = 'kubernetes'\nrole = 'debug'\nkubernetes_namespace = 'shop'\n");
  account.answers["kubernetes/creds/debug"] = {
      200, R"({"lease_id":"l","lease_duration":1800,"data":{"service_account_name":"v-1",
               "service_account_namespace":"shop","service_account_token":"eyJ"}})"};
  const Issued pod = account.issue();
  CHECK(Json::parse(account.last("kubernetes/creds/debug").body) ==
        Json{{"ttl", "1800s"}, {"kubernetes_namespace", "shop"}});
  CHECK(pod.credential.fields.at("service_account").view() == "v-1");
}

TEST_CASE("revocation syncs, looks, and tells failures apart") {
  Bench bench("engine = 'database'\nrole = 'orders'\n");
  const std::string handle = "accessor:acc lease:database/creds/orders/1";
  auto outcome = bench.provider.revoke(bench.role, handle, nullptr);
  CHECK(outcome.state == RevokeOutcome::State::Revoked);
  CHECK(outcome.detail ==
        "lease revoked, token revoked and seen to be dead, lease seen to be gone");
  CHECK(Json::parse(bench.last("sys/leases/revoke").body) ==
        Json{{"lease_id", "database/creds/orders/1"}, {"sync", true}});
  CHECK(Json::parse(bench.last("auth/token/revoke-accessor").body) == Json{{"accessor", "acc"}});
  bench.answers["sys/leases/revoke"] = {400, R"({"errors":["invalid lease"]})"};
  CHECK(bench.provider.revoke(bench.role, handle, nullptr).state == RevokeOutcome::State::Revoked);
  bench.answers["sys/leases/revoke"] = {500, R"({"errors":["cannot drop role"]})"};
  outcome = bench.provider.revoke(bench.role, handle, nullptr);
  CHECK(outcome.state == RevokeOutcome::State::Failed);
  CHECK(outcome.detail.find("cannot drop role") != std::string::npos);
  CHECK(bench.asked().back() == "POST sys/leases/lookup");
  bench.answers["sys/leases/revoke"] = {204, ""};
  bench.answers["sys/leases/lookup"] = {200, R"({"data":{"id":"x"}})"};
  CHECK(bench.provider.revoke(bench.role, handle, nullptr).detail.find("is still there") !=
        std::string::npos);
  bench.answers["sys/leases/lookup"] = {400, R"({"errors":["invalid lease"]})"};
  bench.answers["auth/token/lookup-accessor"] = {200, R"({"data":{"accessor":"acc"}})"};
  CHECK(bench.provider.revoke(bench.role, handle, nullptr).detail.find("still alive") !=
        std::string::npos);
  CHECK_THROWS_AS(bench.provider.revoke(bench.role, "lease:../x y", nullptr), Error);
}

TEST_CASE("the parameters of Vault are read strictly") {
  const auto problem = [](const std::string& text) -> std::string {
    try {
      read_vault_parameters(parse_toml(text, "c.toml", ErrorCode::Config));
      return "";
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::Config);
      return error.what();
    }
  };
  CHECK(problem(kRole) == "");
  CHECK(problem("address = 'http://127.0.0.1:8200'\npolicies = ['p']\n" + kLogin) == "");
  const std::string server = "address = 'https://v.test'\n";
  for (const auto& [text, says] : std::vector<std::pair<std::string, std::string>>{
           {"policies = ['p']\n" + kLogin, "'address' is missing"},
           {"address = 'http://v.test'\n", "plain http only on this machine"},
           {"address = 'https://v.test/v1'\n", "must be https://HOST"},
           {"address = 'https://u@v.test'\n", "must be an address"},
           {server + "policies = ['p']\n", "'login' is missing"},
           {server + "login = { method = 'radius' }\n", "'method'"},
           {server + "login = { method = 'token', token_from = 'vault-token' }\n",
            "must be env:NAME"},
           {server + "login = { method = 'token', token_from = 'file:token' }\n",
            "must be env:NAME"},
           {server + "login = { method = 'approle', secret_id_from = 'prompt' }\n",
            "needs 'role_id'"},
           {server + "login = { method = 'cert' }\n", "needs 'client_certificate'"},
           {server + "login = { method = 'oidc', port = 80 }\n", "'port'"},
           {server + kLogin, "'policies' (or 'token_role')"},
           {server + kLogin + "policies = []\n", "'policies' is empty"},
           {server + kLogin + "policies = ['root']\n", "root is never given"},
           {kRole + "engine = 'database'\n", "needs 'role'"},
           {kRole + "engine = 'kv'\n", "needs 'path'"},
           {kRole + "engine = 'kv'\npath = '../sys/x'\n", "is no path of a server"},
           {kRole + "engine = 'kv'\npath = 'a//b'\n", "is no path of a server"},
           {kRole + "engine = 'kv'\npath = 'a?b'\n", "is no path of a server"},
           {kRole + "engine = 'ssh'\nrole = 'r'\n", "needs 'principals'"},
           {kRole + "engine = 'ldap'\n", "'engine'"},
           {kRole + "namespace = 'a b'\n", "is no path of a server"},
           {kRole + "uses = -1\n", "'uses'"},
           {kRole + "client_certificate = '/c.pem'\n", "go together"},
           {kRole + "polices = ['p']\n", "unknown key 'polices'"},
           {kRole + "tiers = { read = { policies = [] } }\n", "'policies' is empty"},
           {kRole + "tiers = { write = {} }\n", "unknown key 'write'"}}) {
    const std::string written = text;
    CAPTURE(written);
    const std::string found = problem(written);
    CAPTURE(found);
    CHECK(found.find(says) != std::string::npos);
  }
  Bench bench("engine = 'kv'\npath = 'app'\n");
  bench.role.narrowed = Effect::Read;
  CHECK_THROWS_AS(bench.provider.check(bench.role), Error);
}

TEST_CASE("the read tier lays its keys over the role's own") {
  const VaultParameters read = read_vault_parameters(
      parse_toml(kRole + "engine = 'database'\nrole = 'writer'\nmount = 'db'\n"
                         "tiers = { read = { role = 'reader' } }\n",
                 "c.toml", ErrorCode::Config));
  CHECK(read.target(Tier::Wide).role == "writer");
  CHECK(read.target(Tier::Read).role == "reader");
  CHECK(read.target(Tier::Read).mount == "db");
  CHECK(read.target(Tier::Read).policies == std::vector<std::string>{"p"});
}
