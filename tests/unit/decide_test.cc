#include "core/policy/decide.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

Invocation command(Effect effect, const std::string& tool = "aws",
                   const std::string& name = "i-1") {
  Invocation invocation;
  invocation.argv = {tool, "verb", name};
  invocation.tool = tool;
  invocation.action = "verb";
  invocation.effect = effect;
  if (effect == Effect::Opaque) invocation.opaque_cause = OpaqueCause::Program;
  invocation.targets.push_back({"aws", "111122223333", "", "", "eu-west-1", "instance", name});
  return invocation;
}

DecisionContext person() {
  DecisionContext context;
  context.in_grant = true;
  context.role = "ops";
  return context;
}

DecisionContext agent() {
  DecisionContext context = person();
  context.identity = IdentityClass::Agent;
  return context;
}

Verdict verdict(const Invocation& invocation, const DecisionContext& context) {
  return decide(Policy{}, invocation, context).verdict;
}

EffectSet only(Effect effect) {
  EffectSet effects;
  effects.insert(effect);
  return effects;
}

}  // namespace

TEST_CASE("the built-in table, for a person and for everybody else") {
  struct Row {
    Effect effect;
    Verdict human;
    Verdict other;
  };
  const std::vector<Row> rows{
      {Effect::Read, Verdict::Allow, Verdict::Allow},
      {Effect::Write, Verdict::Allow, Verdict::Allow},
      {Effect::Opaque, Verdict::Confirm, Verdict::Approve},
      {Effect::Exfil, Verdict::Confirm, Verdict::Approve},
      {Effect::Privilege, Verdict::Confirm, Verdict::Approve},
      {Effect::Destructive, Verdict::Confirm, Verdict::Approve},
  };
  DecisionContext no_terminal = person();
  no_terminal.terminal = false;
  DecisionContext ci = person();
  ci.identity = IdentityClass::Ci;
  for (const Row& row : rows) {
    CAPTURE(effect_name(row.effect));
    CHECK(verdict(command(row.effect), person()) == row.human);
    CHECK(verdict(command(row.effect), agent()) == row.other);
    CHECK(verdict(command(row.effect), ci) == row.other);
    CHECK(verdict(command(row.effect), no_terminal) == row.other);
  }
}

TEST_CASE("destructive takes a preview and two confirmations, or one approval") {
  const Decision asked = decide(Policy{}, command(Effect::Destructive), person());
  CHECK(asked.rule.id == "built-in:destructive");
  CHECK(asked.obligations.preview);
  CHECK(asked.obligations.confirmations == 2);
  CHECK(asked.obligations.approvals.empty());
  CHECK(asked.labels == std::vector<std::string>{"production"});
  CHECK(asked.rules_digest.size() == 64);
  const Decision approved = decide(Policy{}, command(Effect::Destructive), agent());
  CHECK(approved.obligations.preview);
  CHECK(approved.obligations.confirmations == 0);
  CHECK(approved.obligations.approvals == std::vector<ApprovalNeed>{{"", 1}});
}

TEST_CASE("a client's own token flows inside a grant alone") {
  Invocation token = command(Effect::Exfil);
  token.kind = "client_credential";
  CHECK(verdict(token, agent()) == Verdict::Allow);
  DecisionContext outside = person();
  outside.in_grant = false;
  CHECK(verdict(token, outside) == Verdict::Confirm);
}

TEST_CASE("an agent does not list the environment in which a wide credential is") {
  Invocation list = command(Effect::Read, "env");
  CHECK(verdict(list, agent()) == Verdict::Allow);  // the control: a read
  list.kind = "environment";
  CHECK(verdict(list, person()) == Verdict::Allow);
  const Decision decision = decide(Policy{}, list, agent());
  CHECK(decision.verdict == Verdict::Approve);
  CHECK(decision.rule.id == "built-in:environment");
  DecisionContext narrowed = agent();
  narrowed.narrowed = Effect::Read;
  CHECK(verdict(list, narrowed) == Verdict::Allow);
  DecisionContext outside = agent();
  outside.in_grant = false;  // there is no credential in it
  CHECK(verdict(list, outside) == Verdict::Allow);
}

TEST_CASE("the strictest part decides for the whole") {
  Invocation list;
  list.effect = Effect::Destructive;
  list.parts = {command(Effect::Read), command(Effect::Destructive), command(Effect::Write)};
  CHECK(verdict(list, person()) == Verdict::Confirm);
  list.effect = Effect::Write;
  list.parts = {command(Effect::Read), command(Effect::Write)};
  CHECK(verdict(list, person()) == Verdict::Allow);
  list.effect = Effect::Destructive;  // a redirect of its own
  CHECK(verdict(list, person()) == Verdict::Confirm);
}

TEST_CASE("what carries a command reaches its own target, and lends it to what it carries") {
  Policy policy;
  policy.environments = {{"postgres:orders", {"sensitive"}}};
  Invocation client = command(Effect::Read, "psql");
  client.targets = {{"postgres", "", "db-1", "orders", "", "", ""}};
  client.parts = {command(Effect::Read, "psql")};
  client.parts[0].targets = {{"postgres", "", "", "", "", "table", "customers"}};
  CHECK(decide(policy, client, person()).verdict == Verdict::Confirm);
  client.targets.clear();
  CHECK(decide(policy, client, person()).verdict == Verdict::Allow);
}

TEST_CASE("hiding a part never helps") {
  for (const OpaqueCause cause : {OpaqueCause::Hidden, OpaqueCause::Limit}) {
    Invocation hidden = command(Effect::Opaque);
    hidden.opaque_cause = cause;
    DecisionContext context = person();
    context.narrowed = Effect::Read;
    context.trusted_program = true;
    const Decision decision = decide(Policy{}, hidden, context);
    CHECK(decision.verdict == Verdict::Confirm);
    CHECK(decision.obligations.confirmations == 2);
    context.role_effects = only(Effect::Read);
    CHECK(verdict(hidden, context) == Verdict::Deny);
  }
}

TEST_CASE("a role refuses what it does not allow and says what is missing") {
  DecisionContext reader = person();
  reader.role = "db-debug";
  reader.role_effects = only(Effect::Read);
  CHECK(verdict(command(Effect::Read), reader) == Verdict::Allow);
  const Decision write = decide(Policy{}, command(Effect::Write), reader);
  CHECK(write.verdict == Verdict::Deny);
  CHECK(write.rule.id == "role:effects");
  CHECK(write.reasons == std::vector<std::string>{"role db-debug may only read (verb on i-1)"});
  const Decision unknown = decide(Policy{}, command(Effect::Opaque), reader);
  CHECK(unknown.verdict == Verdict::Deny);
  REQUIRE(unknown.reasons.size() == 1);
  CHECK(unknown.reasons[0].find("narrowed = \"read\"") != std::string::npos);

  reader.narrowed = Effect::Read;
  CHECK(verdict(command(Effect::Opaque), reader) == Verdict::Allow);
  CHECK(verdict(command(Effect::Destructive), reader) == Verdict::Deny);
  reader.narrowed = Effect::Write;  // wider than the role
  CHECK(verdict(command(Effect::Opaque), reader) == Verdict::Deny);
}

TEST_CASE("a role's tools") {
  DecisionContext context = person();
  context.role_tools = {"kubectl"};
  const Decision decision = decide(Policy{}, command(Effect::Read), context);
  CHECK(decision.verdict == Verdict::Deny);
  CHECK(decision.rule.id == "role:tools");
  CHECK(verdict(command(Effect::Read, "kubectl"), context) == Verdict::Allow);
  CHECK(verdict(command(Effect::Read, ""), context) == Verdict::Deny);
  Invocation list;
  list.effect = Effect::Read;
  list.parts = {command(Effect::Read, "kubectl"), command(Effect::Read, "aws")};
  CHECK(verdict(list, context) == Verdict::Deny);
}

TEST_CASE("a narrowed credential frees no more than what needs no question") {
  DecisionContext context = person();
  context.narrowed = Effect::Write;
  CHECK(verdict(command(Effect::Opaque), context) == Verdict::Allow);
  context.narrowed = Effect::Privilege;
  CHECK(verdict(command(Effect::Opaque), context) == Verdict::Confirm);
}

TEST_CASE("a trusted program runs freely, but not what it is wrapped in or carries") {
  DecisionContext context = person();
  context.trusted_program = true;
  Invocation program = command(Effect::Opaque, "");
  CHECK(verdict(program, context) == Verdict::Allow);
  program.parts = {command(Effect::Opaque, "")};
  CHECK(verdict(program, context) == Verdict::Confirm);
  program.parts.clear();
  program.wrappers = {"sudo"};
  CHECK(verdict(program, context) == Verdict::Confirm);
}

TEST_CASE("labels: sensitive targets ask, unknown ones are production") {
  Policy policy;
  policy.environments = {{"aws:111122223333", {"production", "sensitive"}},
                         {"aws:4444*", {"staging"}},
                         {"aws:instance/i-9", {"sensitive"}}};
  CHECK(decide(policy, command(Effect::Read), person()).verdict == Verdict::Confirm);
  CHECK(decide(policy, command(Effect::Read), agent()).verdict == Verdict::Approve);
  Invocation staging = command(Effect::Read);
  staging.targets[0].account = "444455556666";
  const Decision decision = decide(policy, staging, person());
  CHECK(decision.verdict == Verdict::Allow);
  CHECK(decision.labels == std::vector<std::string>{"staging"});
  staging.targets.push_back({"aws", "444455556666", "", "", "", "instance", "i-9"});
  CHECK(decide(policy, staging, person()).verdict == Verdict::Confirm);
  staging.targets = {{"aws", "9", "", "", "", "", ""}};
  CHECK(decide(policy, staging, person()).labels == std::vector<std::string>{"production"});
}

TEST_CASE("the grant's account fills what the line leaves open") {
  Policy policy;
  policy.environments = {{"aws:1", {"sensitive"}}};
  Invocation invocation = command(Effect::Read);
  invocation.targets[0].account = "";
  CHECK(decide(policy, invocation, person()).verdict == Verdict::Allow);
  DecisionContext context = person();
  context.grant_target = {"aws", "1", "", "", "", "", ""};
  CHECK(decide(policy, invocation, context).verdict == Verdict::Confirm);
}
