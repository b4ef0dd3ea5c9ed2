#include "core/policy/policy_tests.h"

#include "core/base/error.h"
#include "core/command/command_line.h"

namespace prodaccess {
namespace {

void compare(std::vector<std::string>& differences, const char* what, const std::string& expected,
             const std::string& found) {
  if (expected == found) return;
  differences.push_back(std::string(what) + ": expected " + expected + ", is " + found);
}

std::string yes_or_no(bool value) { return value ? "true" : "false"; }

std::string approval_count(const Obligations& obligations) {
  int people = 0;
  for (const ApprovalNeed& need : obligations.approvals) people += need.count;
  return std::to_string(people);
}

std::vector<std::string> differences_of(const PolicyTest::Expectation& expect,
                                        const Decision& decision, Effect effect) {
  std::vector<std::string> differences;
  const Obligations& obligations = decision.obligations;
  const auto flag = [&](const char* what, const std::optional<bool>& expected, bool found) {
    if (expected) compare(differences, what, yes_or_no(*expected), yes_or_no(found));
  };
  if (expect.verdict) {
    compare(differences, "verdict", std::string(verdict_name(*expect.verdict)),
            std::string(verdict_name(decision.verdict)));
  }
  if (expect.rule) compare(differences, "rule", *expect.rule, decision.rule.id);
  if (expect.effect) {
    compare(differences, "effect", std::string(effect_name(*expect.effect)),
            std::string(effect_name(effect)));
  }
  flag("preview", expect.preview, obligations.preview);
  flag("reason", expect.reason, obligations.reason);
  flag("ticket", expect.ticket, obligations.ticket);
  if (expect.confirmations) {
    compare(differences, "confirmations", std::to_string(*expect.confirmations),
            std::to_string(obligations.confirmations));
  }
  if (expect.approvals) {
    compare(differences, "approvals", std::to_string(*expect.approvals),
            approval_count(obligations));
  }
  return differences;
}

DecisionContext context_of(const PolicyTest& test, const PolicyTestWorld& world) {
  DecisionContext context = test.role.empty() ? DecisionContext{} : world.role(test.role);
  context.role = test.role;
  context.in_grant = true;
  context.identity = test.identity;
  context.terminal = test.terminal;
  context.now = test.at.value_or(WallTime{});
  context.anomalies = test.anomalies;
  context.destructive_last_hour = test.destructive_last_hour;
  return context;
}

PolicyTestResult run(const PolicyTest& test, const Policy& policy, const PolicyTestWorld& world) {
  PolicyTestResult result;
  result.position = test.position;
  result.command = test.argv.empty() ? test.line : CommandLine{test.argv}.quoted();
  try {
    const Invocation invocation = world.understand(test);
    const Decision decision = decide(policy, invocation, context_of(test, world));
    result.rule = decision.rule;
    result.differences = differences_of(test.expect, decision, worst_effect(invocation));
  } catch (const Error& error) {
    result.differences.emplace_back(error.what());
  }
  return result;
}

}  // namespace

std::vector<PolicyTestResult> run_policy_tests(const Policy& policy, const PolicyTestWorld& world) {
  std::vector<PolicyTestResult> results;
  for (const auto* layers : {&policy.system, &policy.user}) {
    for (const auto& layer : *layers) {
      for (const PolicyTest& test : layer->tests) results.push_back(run(test, policy, world));
    }
  }
  return results;
}

}  // namespace prodaccess
