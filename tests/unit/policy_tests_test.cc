#include "core/policy/policy_tests.h"

#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace prodaccess;

namespace {

std::vector<PolicyTestResult> run(const std::string& tests) {
  const std::string text = R"(
[[rule]]
id = "night"
effect = "destructive"
hours = { outside = "08:00-20:00", zone = "UTC" }
verdict = "approve"
from = { count = 2 }
)" + tests;
  PolicyTestWorld world;
  world.understand = [](const PolicyTest& test) {
    Invocation invocation;
    invocation.effect = test.line == "delete" ? Effect::Destructive : Effect::Read;
    return invocation;
  };
  world.role = [](const std::string& role) {
    if (role != "ops") throw Error(ErrorCode::NotFound, "no role is called " + role);
    return DecisionContext{};
  };
  return run_policy_tests(assemble_policy({{"p.toml", text}}, {}, true, {}), world);
}

std::string test(const std::string& body) { return "[[test]]\n" + body + "\n"; }

}  // namespace

TEST_CASE("tests pass, fail with both sides, or say why they cannot run") {
  const auto results =
      run(test("command = \"delete\"\nat = \"2026-03-01T23:00:00Z\"\nrole = \"ops\"\n"
               "expect = { verdict = \"approve\", rule = \"night\", effect = \"destructive\", "
               "approvals = 2, preview = true, ticket = false }") +
          test("command = \"delete\"\nat = \"2026-03-01T12:00:00Z\"\n"
               "expect = { verdict = \"confirm\", confirmations = 2, "
               "rule = \"built-in:destructive\" }") +
          test("command = \"delete\"\nat = \"2026-03-01T12:00:00Z\"\n"
               "expect = { verdict = \"deny\" }") +
          test("command = \"get\"\nrole = \"none\"\nexpect = { verdict = \"allow\" }"));
  REQUIRE(results.size() == 4);
  CHECK(results[0].differences.empty());
  CHECK(results[1].differences.empty());
  CHECK(results[2].differences == std::vector<std::string>{"verdict: expected deny, is confirm"});
  CHECK(results[3].differences == std::vector<std::string>{"no role is called none"});
  CHECK(results[2].position.line == 17);
}
