#include "core/policy/rule.h"

#include <doctest/doctest.h>

#include "core/policy/layer.h"
#include "core/policy/policy.h"

using namespace prodaccess;

namespace {

Policy system_policy(const std::string& text, const std::string& user = "") {
  std::vector<PolicySource> users;
  if (!user.empty()) users.push_back({"user.toml", user});
  return assemble_policy({{"system.toml", text}}, users, true, {});
}

std::string rule(const std::string& id, const std::string& body) {
  return "[[rule]]\nid = \"" + id + "\"\n" + body + "\n";
}

Invocation instance(Effect effect, const std::string& name = "i-1") {
  Invocation invocation;
  invocation.argv = {"aws", "ec2", "terminate-instances", "--instance-ids", name};
  invocation.tool = "aws";
  invocation.action = "ec2 terminate-instances";
  invocation.effect = effect;
  invocation.targets.push_back({"aws", "111122223333", "", "", "eu-west-1", "instance", name});
  return invocation;
}

DecisionContext person() {
  DecisionContext context;
  context.role = "ops";
  context.in_grant = true;
  return context;
}

Decision decided(const std::string& text, const Invocation& invocation,
                 const DecisionContext& context = person()) {
  return decide(system_policy(text), invocation, context);
}

}  // namespace

TEST_CASE("the system layer may set any verdict for what it names, and no more") {
  const std::string allow = rule("ok",
                                 "tool = \"aws\"\naction = \"ec2 *\"\nname = \"i-1\"\n"
                                 "effect = \"destructive\"\nverdict = \"allow\"");
  CHECK(decided(allow, instance(Effect::Destructive)).verdict == Verdict::Allow);
  CHECK(decided(allow, instance(Effect::Destructive, "i-2")).verdict == Verdict::Confirm);
  Invocation both = instance(Effect::Destructive);
  both.targets.push_back(instance(Effect::Destructive, "i-2").targets[0]);
  CHECK(decided(allow, both).verdict == Verdict::Confirm);
  Invocation hidden = instance(Effect::Destructive);
  hidden.opaque_cause = OpaqueCause::Hidden;
  CHECK(decided(allow, hidden).verdict == Verdict::Confirm);
}

TEST_CASE("within a layer the strictest wins, and the deciding rule is named") {
  const std::string text = rule("a", "verdict = \"allow\"") + rule("d", "verdict = \"deny\"") +
                           rule("c", "verdict = \"confirm\"");
  const Decision decision = decided(text, instance(Effect::Read));
  CHECK(decision.verdict == Verdict::Deny);
  CHECK(decision.rule.id == "d");
  CHECK(decision.considered.size() == 3);
}

TEST_CASE("a user's file only tightens, and stands alone where nothing governs it") {
  const std::string allow = rule("u", "effect = \"destructive\"\nverdict = \"allow\"");
  const std::string deny = rule("u", "verdict = \"deny\"");
  const Invocation command = instance(Effect::Destructive);
  CHECK(decide(system_policy("", allow), command, person()).verdict == Verdict::Confirm);
  CHECK(decide(system_policy("", deny), command, person()).verdict == Verdict::Deny);
  const Policy own = assemble_policy({}, {{"user.toml", allow}}, false, {});
  CHECK(decide(own, command, person()).verdict == Verdict::Allow);
}

TEST_CASE("what is unknown fits what restricts, and never what allows") {
  Invocation command = instance(Effect::Destructive, "");
  command.targets[0].account = "";
  const std::string where = "account = \"111122223333\"\nname = \"i-1\"\n";
  const Decision denied = decided(rule("d", where + "verdict = \"deny\""), command);
  CHECK(denied.verdict == Verdict::Deny);
  const Decision allowed = decided(rule("a", where + "verdict = \"allow\""), command);
  CHECK(allowed.verdict == Verdict::Confirm);
  CHECK(allowed.rule.id == "built-in:destructive");
  // An uncertain match does not stand in for the built-in table either.
  const Decision milder =
      decided(rule("c", where + "verdict = \"confirm\"\npreview = false"), command);
  CHECK(milder.obligations.preview);
  CHECK(milder.obligations.confirmations == 2);
  // Where a field does not apply, it is not unknown.
  Invocation file = instance(Effect::Destructive);
  file.targets = {{"file", "", "", "", "", "file", "/tmp/x"}};
  CHECK(decided(rule("d", "account = \"1\"\nverdict = \"deny\""), file).verdict ==
        Verdict::Confirm);
  // A pattern fits what it may reach.
  command.targets[0].account = "111122223333";
  command.targets[0].pattern = true;
  command.targets[0].name = "i-*";
  CHECK(decided(rule("d", "name = \"i-1\"\nverdict = \"deny\""), command).verdict == Verdict::Deny);
  CHECK(decided(rule("d", "name = \"db-*\"\nverdict = \"deny\""), command).verdict ==
        Verdict::Confirm);
}

TEST_CASE("nothing known of the target: what changes may change anything, what reads does not") {
  Invocation command = instance(Effect::Write);
  command.targets.clear();
  const std::string text = rule("d", "account = \"1\"\nverdict = \"deny\"");
  CHECK(decided(text, command).verdict == Verdict::Deny);
  command.effect = Effect::Read;
  CHECK(decided(text, command).verdict == Verdict::Allow);
}

TEST_CASE("counts: given, by name, unknown") {
  const std::string text = rule("many", "count = { above = 2 }\nverdict = \"deny\"");
  Invocation command = instance(Effect::Destructive);
  CHECK(decided(text, command).verdict == Verdict::Confirm);
  command.count = 3;
  CHECK(decided(text, command).verdict == Verdict::Deny);
  command.count.reset();
  command.targets.resize(3, command.targets[0]);
  CHECK(decided(text, command).verdict == Verdict::Deny);
  command = instance(Effect::Destructive);
  command.targets[0].pattern = true;
  CHECK(decided(text, command).verdict == Verdict::Deny);
  command.effect = Effect::Read;
  CHECK(decided(text, command).verdict == Verdict::Allow);
}

TEST_CASE("reversible: one confirmation only for what can be undone") {
  const std::string text =
      rule("one", "effect = \"destructive\"\nverdict = \"confirm\"\nconfirmations = 1");
  Invocation command = instance(Effect::Destructive);
  CHECK(decided(text, command).obligations.confirmations == 2);
  command.reversible = true;
  CHECK(decided(text, command).obligations.confirmations == 1);
  const std::string deny = rule("d", "reversible = false\nverdict = \"deny\"");
  CHECK(decided(deny, command).verdict == Verdict::Confirm);
  command.reversible.reset();
  CHECK(decided(deny, command).verdict == Verdict::Deny);
}

TEST_CASE("obligations without a verdict leave the verdict alone") {
  const std::string text =
      rule("t", "effect = \"write\"\nticket = true\nalert = \"chat\"") +
      rule("r", "effect = [\"write\", \"destructive\"]\nreason = true\nalert = \"pager\"");
  const Decision write = decided(text, instance(Effect::Write));
  CHECK(write.verdict == Verdict::Allow);
  CHECK(write.obligations.ticket);
  CHECK(write.obligations.reason);
  CHECK(write.obligations.alerts == std::vector<std::string>{"chat", "pager"});
  const Decision destructive = decided(text, instance(Effect::Destructive));
  CHECK(destructive.verdict == Verdict::Confirm);
  CHECK(destructive.obligations.preview);
  CHECK_FALSE(destructive.obligations.ticket);
}

TEST_CASE("a rate: the next one over it is refused") {
  const std::string text = rule("rate", "effect = \"destructive\"\nmax_per_hour = 2");
  DecisionContext context = person();
  context.destructive_last_hour = 1;
  CHECK(decided(text, instance(Effect::Destructive), context).verdict == Verdict::Confirm);
  context.destructive_last_hour = 2;
  const Decision over = decided(text, instance(Effect::Destructive), context);
  CHECK(over.verdict == Verdict::Deny);
  CHECK(over.rule.id == "rate");
  CHECK(decided(text, instance(Effect::Write), context).verdict == Verdict::Allow);
}

TEST_CASE("nobody to ask: confirm becomes approve, and the key is the approver's") {
  DecisionContext context = person();
  context.identity = IdentityClass::Agent;
  const std::string text =
      rule("c", "effect = \"write\"\nverdict = \"confirm\"\nconfirm_with = \"security-key\"");
  const Decision decision = decided(text, instance(Effect::Write), context);
  CHECK(decision.verdict == Verdict::Approve);
  CHECK(decision.obligations.confirmations == 0);
  CHECK(decision.obligations.security_key);
  CHECK(decision.obligations.approvals == std::vector<ApprovalNeed>{{"", 1}});
}

TEST_CASE("arguments: a word of one form and none of the excepted") {
  const std::string text = rule(
      "untested", "argument = { any = \"*=*\", except = \"*@sha256:aaaa\" }\nverdict = \"deny\"");
  Invocation command = instance(Effect::Write);
  command.argv = {"kubectl", "set", "image", "deploy/api", "a=r/a@sha256:aaaa"};
  CHECK(decided(text, command).verdict == Verdict::Allow);
  command.argv.emplace_back("b=r/b:latest");
  CHECK(decided(text, command).verdict == Verdict::Deny);
}

TEST_CASE("scale, anomaly, identity, labels, hours") {
  Invocation command = instance(Effect::Write);
  command.scale = 50;
  CHECK(decided("[bounds]\nscale = 20\n", command).verdict == Verdict::Confirm);
  CHECK(decided("[bounds]\nscale = 50\n", command).verdict == Verdict::Allow);
  CHECK(decided(rule("s", "scale = { above = 49 }\nverdict = \"deny\""), command).verdict ==
        Verdict::Deny);
  DecisionContext odd = person();
  const std::string anomaly = rule("a", "anomaly = \"*\"\nverdict = \"confirm\"");
  CHECK(decided(anomaly, command, odd).verdict == Verdict::Allow);
  odd.anomalies = {"first_use"};
  CHECK(decided(anomaly, command, odd).verdict == Verdict::Confirm);
  const std::string labels = "[environments]\n\"aws:111122223333\" = [\"staging\"]\n" +
                             rule("l", "labels = \"production\"\nverdict = \"deny\"");
  CHECK(decided(labels, command).verdict == Verdict::Allow);
  command.targets[0].account = "9";
  CHECK(decided(labels, command).verdict == Verdict::Deny);
  const std::string ci = rule("i", "identity = \"ci\"\nverdict = \"deny\"");
  CHECK(decided(ci, command).verdict == Verdict::Allow);
  DecisionContext night = person();
  night.now = parse_rfc3339("2026-03-01T23:00:00Z").value();
  const std::string hours = rule("h", "hours = { outside = \"08:00-20:00\" }\nverdict = \"deny\"");
  CHECK(decided(hours, command, night).verdict == Verdict::Deny);
  night.now = parse_rfc3339("2026-03-01T12:00:00Z").value();
  CHECK(decided(hours, command, night).verdict == Verdict::Allow);
}

TEST_CASE("a rule on what runs code of the project") {
  Invocation plan = instance(Effect::Read);
  const std::string text = rule("code", "project_code = true\nverdict = \"approve\"\n");
  CHECK(decided(text, plan).verdict == Verdict::Allow);
  plan.runs_project_code = true;
  CHECK(decided(text, plan).verdict == Verdict::Approve);
  const std::string other = rule("other", "project_code = false\nverdict = \"deny\"\n");
  CHECK(decided(other, plan).verdict == Verdict::Allow);
}

TEST_CASE("a rule names a tool by its pack or as it was typed") {
  Invocation build = instance(Effect::Write);
  build.tool = "deno";
  build.argv = {"/usr/bin/make", "all"};
  const auto denies = [&](const std::string& tool) {
    return decided(rule("no", "tool = \"" + tool + "\"\nverdict = \"deny\"\n"), build).verdict ==
           Verdict::Deny;
  };
  CHECK(denies("make"));
  CHECK(denies("deno"));
  CHECK(denies("ma*"));
  CHECK_FALSE(denies("gmake"));
  build.tool.clear();  // an unknown program may call itself what it likes
  CHECK_FALSE(denies("make"));
}
