// What must hold for every policy: seeded random rules, commands and contexts over a small world,
// so that they meet often.
#include <doctest/doctest.h>

#include <random>

#include "core/policy/layer.h"
#include "core/policy/policy.h"

using namespace prodaccess;

namespace {

constexpr std::uint32_t kSeed = 20260212;
constexpr int kRounds = 3000;

class World {
 public:
  explicit World(std::uint32_t seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
  }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  std::string pick(const std::vector<std::string>& of) { return of[below(of.size())]; }
  std::mt19937& engine() { return engine_; }

  std::string rule(const std::string& id) {
    std::string text = "[[rule]]\nid = \"" + id + "\"\n";
    const auto maybe = [&](const char* key, const std::vector<std::string>& values) {
      if (chance(3)) text += std::string(key) + " = \"" + pick(values) + "\"\n";
    };
    maybe("role", {"ops", "db-*", "*"});
    maybe("tool", {"aws", "kubectl", "k*"});
    maybe("action", {"delete", "ec2 *", "*"});
    maybe("account", {"1", "2", "*"});
    maybe("name", {"a", "b", "a*"});
    maybe("labels", {"production", "staging", "sensitive"});
    maybe("identity", {"human", "agent"});
    maybe("effect", {"read", "write", "opaque", "destructive"});
    if (chance(5)) text += "count = { above = 1 }\n";
    if (chance(5)) text += chance(2) ? "reversible = true\n" : "reversible = false\n";
    if (chance(6)) text += "hours = { outside = \"08:00-20:00\" }\n";
    if (chance(4)) text += "ticket = true\n";
    if (chance(6)) {
      text += "alert = \"" + pick({"chat", "pager"}) + "\"\n";
    } else {
      text += "verdict = \"" + pick({"allow", "confirm", "approve", "deny"}) + "\"\n";
    }
    if (chance(8)) text += "preview = true\n";
    return text;
  }

  std::vector<std::string> rules(const std::string& prefix, std::size_t most) {
    std::vector<std::string> texts(below(most + 1));
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = rule(prefix + std::to_string(i));
    return texts;
  }

  Invocation part() {
    Invocation invocation;
    invocation.tool = pick({"aws", "kubectl", ""});
    invocation.action = pick({"delete", "ec2 x", ""});
    invocation.argv = {"program", "word"};
    invocation.effect = static_cast<Effect>(below(6));
    if (invocation.effect == Effect::Opaque) {
      invocation.opaque_cause = static_cast<OpaqueCause>(1 + below(4));
    }
    if (chance(3)) invocation.count = static_cast<std::int64_t>(below(4));
    if (chance(2)) invocation.reversible = chance(2);
    for (std::size_t i = below(3); i > 0; --i) {
      Target target{pick({"aws", "kube", "file"}), pick({"1", "2", ""}), "", "", "", "", ""};
      target.name = pick({"a", "b", "a*", ""});
      target.pattern = target.name == "a*";
      invocation.targets.push_back(target);
    }
    return invocation;
  }

  Invocation command() {
    Invocation invocation = part();
    for (std::size_t i = below(3); i > 0; --i) {
      invocation.parts.push_back(part());
      invocation.effect = worse(invocation.effect, invocation.parts.back().effect);
    }
    return invocation;
  }

  DecisionContext context() {
    DecisionContext context;
    context.role = pick({"ops", "db-debug", ""});
    context.in_grant = chance(2);
    context.identity = static_cast<IdentityClass>(below(3));
    context.terminal = chance(2);
    context.now = WallTime{std::chrono::hours{below(24)}};
    if (chance(3)) context.narrowed = chance(2) ? Effect::Read : Effect::Write;
    if (chance(3)) {
      EffectSet effects;
      effects.insert(Effect::Read);
      if (chance(2)) effects.insert(Effect::Write);
      context.role_effects = effects;
    }
    return context;
  }

 private:
  std::mt19937 engine_;
};

std::string text_of(const std::vector<std::string>& rules) {
  std::string text = "[environments]\n\"aws:1\" = [\"staging\"]\n\"kube:a\" = [\"sensitive\"]\n";
  for (const std::string& rule : rules) text += rule;
  return text;
}

Policy system_policy(const std::vector<std::string>& rules,
                     const std::vector<std::string>& user = {}) {
  std::string user_text;
  for (const std::string& rule : user) user_text += rule;
  return assemble_policy({{"system", text_of(rules)}}, {{"user", user_text}}, true, {});
}

// All of a decision but the places, which move with the order of the file.
std::string shape(const Decision& decision) {
  std::string text(verdict_name(decision.verdict));
  text += " " + decision.message + " " + decision.rules_digest;
  const Obligations& o = decision.obligations;
  for (const bool flag : {o.preview, o.reason, o.ticket, o.security_key}) text += flag ? "1" : "0";
  text += std::to_string(o.confirmations);
  for (const auto& need : o.approvals) text += need.group + std::to_string(need.count);
  for (const auto& alert : o.alerts) text += alert;
  std::set<std::string> ids;
  for (const auto& rule : decision.deciding) ids.insert("d" + rule.id);
  for (const auto& rule : decision.considered) ids.insert("c" + rule.id);
  for (const auto& id : ids) text += " " + id;
  for (const auto& reason : decision.reasons) text += " " + reason;
  return text;
}

}  // namespace

TEST_CASE("the order of rules never matters") {
  World world(kSeed);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::string> rules = world.rules("r", 6);
    const Policy before = system_policy(rules);
    std::shuffle(rules.begin(), rules.end(), world.engine());
    const Policy after = system_policy(rules);
    const Invocation command = world.command();
    const DecisionContext context = world.context();
    CAPTURE(round);
    CAPTURE(text_of(rules));
    REQUIRE(shape(decide(before, command, context)) == shape(decide(after, command, context)));
  }
}

TEST_CASE("a user's layer never loosens") {
  World world(kSeed + 1);
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<std::string> rules = world.rules("s", 4);
    const std::vector<std::string> user = world.rules("u", 4);
    const Invocation command = world.command();
    const DecisionContext context = world.context();
    const Decision alone = decide(system_policy(rules), command, context);
    const Decision joined = decide(system_policy(rules, user), command, context);
    CAPTURE(round);
    CAPTURE(text_of(rules));
    REQUIRE(joined.verdict >= alone.verdict);
    if (joined.verdict == Verdict::Deny) continue;
    REQUIRE(joined.obligations.confirmations >= alone.obligations.confirmations);
    REQUIRE(joined.obligations.approvals.size() >= alone.obligations.approvals.size());
    REQUIRE((joined.obligations.preview || !alone.obligations.preview));
    REQUIRE((joined.obligations.ticket || !alone.obligations.ticket));
  }
}

TEST_CASE("removing a deny is the only way to lose one") {
  World world(kSeed + 2);
  int denied = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::string> rules = world.rules("r", 6);
    const Invocation command = world.command();
    const DecisionContext context = world.context();
    if (decide(system_policy(rules), command, context).verdict != Verdict::Deny) continue;
    ++denied;
    CAPTURE(round);
    // Neither one more rule of any kind...
    rules.push_back(world.rule("added"));
    REQUIRE(decide(system_policy(rules), command, context).verdict == Verdict::Deny);
    // ... nor one less that is no deny.
    const std::size_t victim = world.below(rules.size());
    if (rules[victim].find("\"deny\"") != std::string::npos) continue;
    rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(victim));
    REQUIRE(decide(system_policy(rules), command, context).verdict == Verdict::Deny);
  }
  CHECK(denied > kRounds / 20);
}

TEST_CASE("a compound is never milder than a part of it, and hiding never helps") {
  World world(kSeed + 3);
  for (int round = 0; round < kRounds; ++round) {
    const Policy policy = system_policy(world.rules("r", 5));
    const DecisionContext context = world.context();
    Invocation list;
    list.parts = {world.part(), world.part()};
    list.effect = worst_effect(list);
    const Verdict whole = decide(policy, list, context).verdict;
    CAPTURE(round);
    for (const Invocation& part : list.parts) {
      REQUIRE(whole >= decide(policy, part, context).verdict);
    }
    Invocation hidden = list.parts[0];
    hidden.effect = Effect::Opaque;
    hidden.opaque_cause = OpaqueCause::Hidden;
    const Verdict covered = decide(policy, hidden, context).verdict;
    hidden.opaque_cause = OpaqueCause::Program;
    REQUIRE(covered >= decide(policy, hidden, context).verdict);
  }
}

TEST_CASE("join is associative, commutative and idempotent, with a neutral element") {
  World world(kSeed + 4);
  const auto random_ruling = [&world] {
    Ruling ruling;
    ruling.verdict = static_cast<Verdict>(world.below(4));
    ruling.obligations.preview = world.chance(2);
    ruling.obligations.confirmations = static_cast<std::uint8_t>(world.below(3));
    if (world.chance(2)) ruling.obligations.max_per_hour = world.below(5);
    if (world.chance(2)) ruling.obligations.alerts = {world.pick({"a", "b"})};
    if (world.chance(2)) {
      ruling.obligations.approvals = {
          {world.pick({"", "x"}), static_cast<std::uint8_t>(1 + world.below(3))}};
    }
    const RuleReference reference{world.pick({"r", "s", "t"}), "f"};
    ruling.considered.insert(reference);
    if (world.chance(2)) {
      ruling.deciding.insert(reference);
      ruling.texts.insert(reference.id);
      ruling.messages.insert(world.pick({"m", "n"}));
    }
    return ruling;
  };
  const auto joined = [](Ruling a, const Ruling& b) {
    join(a, b);
    return a;
  };
  for (int round = 0; round < kRounds; ++round) {
    const Ruling a = random_ruling();
    const Ruling b = random_ruling();
    const Ruling c = random_ruling();
    CAPTURE(round);
    REQUIRE(joined(a, b) == joined(b, a));
    REQUIRE(joined(joined(a, b), c) == joined(a, joined(b, c)));
    REQUIRE(joined(a, a) == a);
    REQUIRE(joined(Ruling{}, a) == a);
  }
}

TEST_CASE("the index finds every rule that matches") {
  World world(kSeed + 5);
  for (int round = 0; round < kRounds; ++round) {
    const Policy policy = system_policy(world.rules("r", 12));
    const PolicyLayer& layer = *policy.system[0];
    const Invocation part = world.part();
    const DecisionContext context = world.context();
    const Target target = part.targets.empty() ? Target{} : part.targets[0];
    const std::set<std::string> labels{"production"};
    const Subject subject(part, target, part.effect, labels, context);
    std::set<std::uint32_t> found;
    layer.index.for_each_candidate(subject, [&](std::uint32_t i) { found.insert(i); });
    CAPTURE(round);
    for (std::uint32_t i = 0; i < layer.rules.size(); ++i) {
      if (matches(layer.rules[i], subject) != Match::No) REQUIRE(found.count(i) == 1);
    }
  }
}
