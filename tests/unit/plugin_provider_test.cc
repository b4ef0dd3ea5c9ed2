#include "providers/plugin/plugin_provider.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/fakes/manual_clock.h"

using namespace prodaccess;

namespace {

class ScriptedPrompt final : public Prompt {
 public:
  std::vector<std::string> asked;
  Secret ask_secret(const std::string& question) override {
    asked.push_back(question);
    return Secret("s3cret");
  }
  std::string ask(const std::string& question) override {
    asked.push_back(question);
    return "open";
  }
  void tell(const std::string&) override {}
};

struct Bench {
  ManualClock clock;
  ScriptedPrompt prompt;
  std::vector<std::string> replies;  // in order; the last one again and again
  std::vector<Json> requests;
  std::vector<std::string> arguments;
  HelperResult::End end = HelperResult::End::Exited;
  int status = 0;
  std::string errors;
  Role role;
  PluginProvider provider{"acme", host(), clock, prompt};

  Bench() {
    role.name = "db";
    role.provider = "acme";
    configure("url = 'https://x'\nlist = [1, true, 'a', { b = 'c' }]\nserves = ['psql']");
  }

  void configure(const std::string& text) {
    role.parameters = parse_toml(text, "c.toml", ErrorCode::Config);
  }

  PluginHost host() {
    PluginHost made;
    made.find = [](const std::string& name) { return "/found/" + name; };
    made.environment = {{"PATH", "/usr/bin:/bin"}};
    made.run = [this](const HelperRun& run) {
      CHECK(run.program == "/found/acme");
      CHECK(run.environment.size() == 1);
      arguments.push_back(run.argv.at(1));
      requests.push_back(Json::parse(run.input.view()));
      HelperResult result;
      result.end = end;
      result.status = status;
      result.errors = errors;
      const std::size_t turn = std::min(requests.size(), replies.size()) - 1;
      result.output = Secret(R"({"protocol":1,)" + replies.at(turn) + "}");
      return result;
    };
    return made;
  }

  IssueRequest request() {
    IssueRequest asked{role, {}, "ana", "0123", Tier::Wide, clock.wall_now() + Seconds{1800}};
    asked.access.reason = "INC-42";
    return asked;
  }

  std::string failure() {
    try {
      provider.issue(request(), [](const std::string&) {});
    } catch (const Error& error) {
      return std::string(error.what()) +
             (error.hints().empty() ? "" : " / " + error.hints().front());
    }
    return "issued";
  }
};

std::string issued(const std::string& expires_at) {
  return R"("handle":"h1","expires_at":")" + expires_at +
         R"(","fields":{"token":"t-value","PGPASSWORD":"p-value"})";
}

}  // namespace

TEST_CASE("a plug-in issues: handle first, end capped, variables for the child") {
  Bench bench;
  bench.replies = {issued("2026-01-02T02:00:00Z")};
  std::string handle;
  const Issued got =
      bench.provider.issue(bench.request(), [&](const std::string& told) { handle = told; });
  CHECK(handle == "h1");
  CHECK(got.credential.handle == "h1");
  CHECK(got.credential.expires_at == bench.clock.wall_now() + Seconds{1800});
  CHECK(got.description.notes ==
        std::vector<std::string>{"the credential itself lives until 2026-01-02T02:00:00Z"});
  const auto variables = bench.provider.environment(bench.role, got.credential);
  REQUIRE(variables.size() == 1);
  CHECK(variables[0].first == "PGPASSWORD");
  CHECK(variables[0].second.view() == "p-value");
  CHECK(bench.arguments == std::vector<std::string>{"issue"});
  CHECK(bench.requests[0].at("parameters") ==
        Json::parse(R"({"url":"https://x","list":[1,true,"a",{"b":"c"}]})"));
  CHECK(bench.requests[0].at("grant") == "0123");
}

TEST_CASE("a plug-in's questions are asked through us, and few") {
  Bench bench;
  bench.replies = {R"("ask":[{"name":"otp","question":"Code\u202e"},
                     {"name":"door","question":"Door","secret":false}])",
                   issued("2026-01-02T00:10:00Z")};
  bench.provider.issue(bench.request(), [](const std::string&) {});
  REQUIRE(bench.requests.size() == 2);
  CHECK(bench.requests[1].at("answers") == Json::parse(R"({"otp":"s3cret","door":"open"})"));
  CHECK(bench.prompt.asked.at(0) == "acme asks: Code\\u{202e}: ");
  Bench endless;
  endless.replies = {R"("ask":[{"name":"otp","question":"Code"}])"};
  CHECK(endless.failure() == "acme keeps asking questions");
  CHECK(endless.requests.size() == 4);
}

TEST_CASE("what goes wrong in a plug-in is told in one safe line") {
  Bench bench;
  bench.replies = {R"("error":{"message":"no\u202e","hints":["later"]})"};
  CHECK(bench.failure() == "acme: no\\u{202e} / later");
  bench.replies = {issued("2026-01-01T00:00:00Z")};
  CHECK(bench.failure() == "acme issued a credential that has already ended");
  bench.status = 3;
  bench.errors = "first\nlast \x1b[2J\n";
  CHECK(bench.failure() == "/found/acme issue exited with status 3 / it wrote: last \\x1b[2J");
  bench.end = HelperResult::End::TimedOut;
  CHECK(bench.failure().starts_with("/found/acme issue was still running after 30s"));
  bench.end = HelperResult::End::Exited;
  bench.status = 0;
  bench.replies = {R"("target":"t")"};
  CHECK(bench.failure().starts_with("acme issue: the reply is not as prodaccess-provider(7) says"));
  bench.replies = {R"("unsupported":true)"};
  CHECK(bench.failure() == "acme cannot issue anything");
}

TEST_CASE("a plug-in that cannot be asked still has words for people") {
  Bench bench;
  bench.replies = {R"("error":{"message":"down"})"};
  const IssuedDescription words = bench.provider.describe(bench.role);
  CHECK(words.target == "plug-in acme");
  CHECK(words.notes == std::vector<std::string>{"acme: down"});
}

TEST_CASE("revocation by a plug-in, with and without the fields") {
  Bench bench;
  bench.replies = {R"("state":"revoked","detail":"gone")"};
  Credential credential;
  credential.fields.emplace("token", Secret("t-value"));
  const auto outcome = bench.provider.revoke(bench.role, "h1", &credential);
  CHECK(outcome.state == RevokeOutcome::State::Revoked);
  CHECK(outcome.detail == "gone");
  CHECK(bench.requests[0].at("fields").at("token") == "t-value");
  bench.provider.revoke(bench.role, "h1", nullptr);
  CHECK_FALSE(bench.requests[1].contains("fields"));
  bench.replies = {R"("unsupported":true)"};
  CHECK(bench.provider.revoke(bench.role, "h1", nullptr).state ==
        RevokeOutcome::State::NotRevocable);
}

TEST_CASE("the configuration is read without running a plug-in") {
  Bench bench;
  bench.provider.check(bench.role);
  CHECK(bench.provider.tools(bench.role) == std::vector<std::string>{"psql"});
  CHECK_FALSE(bench.provider.has_tiers(bench.role));
  CHECK_FALSE(bench.provider.narrowed(bench.role));
  const std::string shape = bench.provider.shape(bench.role);
  CHECK(bench.requests.empty());
  bench.configure("url = 'https://y'");
  CHECK(bench.provider.shape(bench.role) != shape);
  for (const std::string bad : {"program = 'relative'", "timeout = '6m'", "timeout = '0s'",
                                "tiers = 'yes'", "x = 1.5", "when = 2026-01-02"}) {
    CAPTURE(bad);
    bench.configure(bad);
    CHECK_THROWS_AS(bench.provider.check(bench.role), Error);
  }
}

TEST_CASE("a role that counts on narrowing has the plug-in's word for it") {
  Bench bench;
  bench.role.narrowed = Effect::Read;
  bench.replies = {R"("target":"t","narrowed":"read")"};
  CHECK(bench.provider.narrowed(bench.role) == Effect::Read);
  bench.replies = {R"("target":"t")"};
  CHECK_FALSE(bench.provider.narrowed(bench.role));
}
