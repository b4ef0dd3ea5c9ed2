// What a role is for beside its effects: where it may act, and when.
#include <doctest/doctest.h>

#include "core/policy/decide.h"
#include "core/policy/layer.h"

using namespace prodaccess;

namespace {

Invocation deletion(const std::string& cluster, const std::string& name_space) {
  Invocation invocation;
  invocation.argv = {"kubectl", "delete", "pod", "x"};
  invocation.tool = "kubectl";
  invocation.action = "delete";
  invocation.effect = Effect::Destructive;
  invocation.targets.push_back({"kube", "", cluster, name_space, "", "pod", "x"});
  return invocation;
}

DecisionContext role_for(std::vector<std::string> targets) {
  DecisionContext context;
  context.role = "ops";
  context.in_grant = true;
  context.role_targets = std::move(targets);
  return context;
}

Verdict verdict(const Invocation& invocation, const DecisionContext& context) {
  return decide(Policy{}, invocation, context).verdict;
}

}  // namespace

TEST_CASE("a role acts on its targets only, and what is not known is outside them") {
  const DecisionContext shop = role_for({"kube:prod-eu/shop", "postgres:orders*"});
  CHECK(verdict(deletion("prod-eu", "shop"), shop) == Verdict::Confirm);
  CHECK(verdict(deletion("prod-eu", "payroll"), shop) == Verdict::Deny);
  CHECK(verdict(deletion("prod-eu", ""), shop) == Verdict::Deny);
  CHECK(verdict(deletion("", "shop"), shop) == Verdict::Deny);
  CHECK(verdict(deletion("prod-us", "shop"), role_for({"kube:prod-*"})) == Verdict::Confirm);
  Invocation both = deletion("prod-eu", "shop");
  both.targets.push_back(deletion("prod-eu", "payroll").targets[0]);
  CHECK(verdict(both, shop) == Verdict::Deny);
}

TEST_CASE("what the grant says fills in what the line leaves open") {
  Invocation instances;
  instances.tool = "aws";
  instances.effect = Effect::Read;
  instances.targets.push_back({"aws", "", "", "", "", "instance", ""});
  DecisionContext context = role_for({"aws:111122223333"});
  CHECK(verdict(instances, context) == Verdict::Deny);
  context.grant_target.system = "aws";
  context.grant_target.account = "111122223333";
  CHECK(verdict(instances, context) == Verdict::Allow);
}

TEST_CASE("files here are nowhere else; what does not say where it acts may be anywhere") {
  const DecisionContext shop = role_for({"kube:prod-eu/shop"});
  Invocation file;
  file.tool = "rm";
  file.effect = Effect::Destructive;
  file.targets.push_back({"file", "", "", "", "", "file", "x"});
  CHECK(verdict(file, shop) == Verdict::Confirm);
  Invocation script;
  script.argv = {"./deploy.sh"};
  script.effect = Effect::Opaque;
  CHECK(verdict(script, shop) == Verdict::Deny);
  DecisionContext trusted = shop;
  trusted.trusted_program = true;
  CHECK(verdict(script, trusted) == Verdict::Allow);
  Invocation inside;
  inside.effect = Effect::Destructive;
  inside.parts = {deletion("prod-eu", "payroll")};
  CHECK(verdict(inside, shop) == Verdict::Deny);
}

TEST_CASE("outside its hours a role does nothing at all") {
  DecisionContext context = role_for({});
  Hours hours;
  REQUIRE(parse_window("08:00-20:00", hours));
  context.role_hours = hours;
  Invocation read;
  read.tool = "kubectl";
  read.effect = Effect::Read;
  context.now = *parse_rfc3339("2026-03-02T12:00:00Z");
  CHECK(verdict(read, context) == Verdict::Allow);
  context.now = *parse_rfc3339("2026-03-02T21:00:00Z");
  CHECK(verdict(read, context) == Verdict::Deny);
}

TEST_CASE("a rule may ask for a recording of sessions, and for a lock with its refusal") {
  const Policy policy = assemble_policy(
      {{"p.toml",
        "[[rule]]\nid = \"tape\"\ninteractive = true\nrecording = true\n"
        "[[rule]]\nid = \"trap\"\naction = \"delete\"\nverdict = \"deny\"\nlock = true\n"}},
      {}, true, {});
  Invocation client;
  client.tool = "psql";
  client.effect = Effect::Opaque;
  CHECK_FALSE(decide(policy, client, role_for({})).obligations.recording);
  client.interactive = true;
  const Decision recorded = decide(policy, client, role_for({}));
  CHECK(recorded.obligations.recording);
  CHECK(recorded.verdict == Verdict::Confirm);
  const Decision locked = decide(policy, deletion("a", "b"), role_for({}));
  CHECK(locked.verdict == Verdict::Deny);
  REQUIRE(locked.locking.size() == 1);
  CHECK(locked.locking[0].id == "trap");
  CHECK_THROWS_AS(
      assemble_policy({{"p.toml", "[[rule]]\nid = \"x\"\nverdict = \"allow\"\nlock = true\n"}}, {},
                      true, {}),
      Error);
}
