#include "providers/plugin/plugin_protocol.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"

using namespace prodaccess;

namespace {

using Op = PluginOperation;

std::string problem(Op operation, const std::string& reply) {
  try {
    read_plugin_reply(operation, reply);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Provider);
    return error.what();
  }
  return "accepted";
}

const std::string kIssued =
    R"("handle":"lease 1","expires_at":"2026-01-02T00:30:00Z","fields":{"token":"secret-value"})";

std::string reply(const std::string& members) { return R"({"protocol":1,)" + members + "}"; }

}  // namespace

TEST_CASE("a plug-in's request is one line that says what is needed and no more") {
  PluginRequest request;
  request.role = "db";
  request.parameters_json = R"({"url":"https://x"})";
  CHECK(write_plugin_request(request).view() ==
        "{\"operation\":\"describe\",\"parameters\":{\"url\":\"https://x\"},\"protocol\":1,"
        "\"role\":\"db\"}\n");
  request.operation = Op::Issue;
  request.person = "ana";
  request.grant = "01";
  request.reason = "it's \"new\"\n\xff";
  request.until = WallTime{std::chrono::seconds{1'767'312'000}} + Milliseconds{900};
  const SecretFields answers = [] {
    SecretFields fields;
    fields.emplace("otp", Secret("123456"));
    return fields;
  }();
  request.answers = &answers;
  const Secret line = write_plugin_request(request);
  CHECK(line.view().find('\n') == line.size() - 1);
  const Json json = Json::parse(line.view());
  CHECK(json.at("until") == "2026-01-02T00:00:00Z");
  CHECK(json.at("tier") == "wide");
  CHECK(json.at("reason") == "it's \"new\"\\x0a\\xff");
  CHECK(json.at("answers").at("otp") == "123456");
  CHECK_FALSE(json.contains("handle"));
}

TEST_CASE("good replies of a plug-in are read") {
  const auto issued = std::get<PluginIssued>(read_plugin_reply(
      Op::Issue, reply(kIssued + R"(,"target":"t","identity":"i","notes":["n"])")));
  CHECK(issued.handle == "lease 1");
  CHECK(issued.expires_at == WallTime{std::chrono::seconds{1'767'313'800}});
  CHECK(issued.fields.at("token").view() == "secret-value");
  REQUIRE(issued.words);
  CHECK(issued.words->notes == std::vector<std::string>{"n"});
  const auto described = std::get<PluginDescription>(
      read_plugin_reply(Op::Describe, reply(R"("target":"t","narrowed":"read")")));
  CHECK(described.narrowed == Effect::Read);
  const auto outcome = std::get<RevokeOutcome>(read_plugin_reply(
      Op::Revoke, reply(R"("state":"not_revocable","alive_until":"2026-01-02T00:00:00Z")")));
  CHECK(outcome.state == RevokeOutcome::State::NotRevocable);
  CHECK(outcome.alive_until);
  CHECK(std::get<std::vector<ProbeFinding>>(
            read_plugin_reply(Op::Probe, reply(R"("findings":[{"state":"bad","subject":"s"}])")))
            .size() == 1);
  const auto asked = std::get<PluginQuestions>(
      read_plugin_reply(Op::Issue, reply(R"("ask":[{"name":"otp","question":"Code"}])")));
  CHECK(asked.questions.at(0).secret);
  CHECK(std::holds_alternative<PluginUnsupported>(
      read_plugin_reply(Op::Renew, reply(R"("unsupported":true)"))));
  const auto failure = std::get<PluginFailure>(
      read_plugin_reply(Op::Issue, reply(R"("error":{"message":"no","hints":["try later"]})")));
  CHECK(failure.hints.size() == 1);
}

TEST_CASE("bad replies of a plug-in are refused, without quoting a value") {
  for (
      const std::string& bad : std::vector<std::string>{
          "",
          "null",
          "[]",
          "{}",
          "{\"protocol\":2}",
          "{\"protocol\":\"1\"}",
          reply("\"x\":1"),
          reply(kIssued) + "x",
          reply(kIssued + ",\"extra\":1"),
          reply(kIssued + ",\"handle\":\"twice\""),
          reply(R"("handle":"h","fields":{"a":"b"})"),
          reply(R"("handle":"","expires_at":"2026-01-02T00:30:00Z","fields":{"a":"b"})"),
          reply(R"("handle":"h","expires_at":"soon","fields":{"a":"b"})"),
          reply(R"("handle":"h","expires_at":"2026-01-02T00:30:00Z","fields":{})"),
          reply(R"("handle":"h","expires_at":"2026-01-02T00:30:00Z","fields":{"a":7})"),
          reply(R"("handle":"h","expires_at":"2026-01-02T00:30:00Z","fields":{"a-b":"c"})"),
          reply(R"("handle":"h","expires_at":"2026-01-02T00:30:00Z","fields":{"a":"\u0000"})"),
          reply(R"("handle":"h\n","expires_at":"2026-01-02T00:30:00Z","fields":{"a":"b"})"),
          reply(R"("handle":"h\u202e","expires_at":"2026-01-02T00:30:00Z","fields":{"a":"b"})"),
          reply(
              R"("handle":"h secret-value","expires_at":"2026-01-02T00:30:00Z","fields":{"a":"secret-value"})"),
          reply(R"("error":"no")"),
          reply(R"("error":{})"),
          reply(R"("unsupported":1)"),
          reply(R"("ask":[])"),
          reply(R"("ask":[{"name":"a b","question":"?"}])"),
          reply(R"("state":"revoked")"),
          reply(R"("target":"t")"),
          reply(R"("unsupported":true,"handle":"h")")}) {
    CAPTURE(bad);
    const std::string told = problem(Op::Issue, bad);
    CHECK(told != "accepted");
    CHECK(told.find("secret-value") == std::string::npos);
  }
  CHECK(problem(Op::Describe, reply(kIssued)) != "accepted");
  CHECK(problem(Op::Revoke, reply(R"("state":"gone")")) != "accepted");
  CHECK(problem(Op::Describe, reply(R"("target":"t","narrowed":"most")")) != "accepted");
  CHECK(problem(Op::Probe, reply(R"("findings":[])")) != "accepted");
  CHECK(problem(Op::Probe, reply(R"("findings":[{"state":"bad"}])")) != "accepted");
  CHECK(problem(Op::Issue, std::string(40, '[')) != "accepted");
}

TEST_CASE("fields named like variables go to the child") {
  CHECK(is_variable_field("PGPASSWORD"));
  CHECK(is_variable_field("_A1"));
  CHECK_FALSE(is_variable_field("token"));
  CHECK_FALSE(is_variable_field("Token"));
  CHECK_FALSE(is_variable_field("1A"));
  CHECK_FALSE(is_variable_field(""));
}
