// How long a decision takes with 10 and with 10,000 rules: nanoseconds each, and their ratio.
#include <chrono>
#include <cstdio>

#include "core/policy/decide.h"

using namespace prodaccess;

namespace {

Policy policy_of(int rules) {
  std::string text;
  for (int i = 0; i < rules; ++i) {
    const std::string n = std::to_string(i);
    text += "[[rule]]\nid = \"r" + n + "\"\ntool = \"aws\"\naction = \"ec2 *\"\nname = \"db-" + n +
            "*\"\nlabels = \"production\"\neffect = \"destructive\"\nverdict = \"approve\"\n";
  }
  return assemble_policy({{"bench.toml", text}}, {}, true, {});
}

Invocation deletion() {
  Invocation invocation;
  invocation.argv = {"aws", "ec2", "terminate-instances", "--instance-ids", "i-1"};
  invocation.tool = "aws";
  invocation.action = "ec2 terminate-instances";
  invocation.effect = Effect::Destructive;
  invocation.targets.push_back({"aws", "1", "", "", "eu-west-1", "instance", "db-7-main"});
  return invocation;
}

double nanoseconds_each(const Policy& policy) {
  constexpr int kRounds = 100'000;
  const Invocation invocation = deletion();
  const DecisionContext context;
  std::size_t seen = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) {
    seen += decide(policy, invocation, context).considered.size();
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return seen == 0 ? 0 : took.count() / kRounds;
}

}  // namespace

int main() {
  const double few = nanoseconds_each(policy_of(10));
  const double many = nanoseconds_each(policy_of(10'000));
  std::printf(
      "decide with 10 rules %.0f ns, with 10000 rules %.0f ns, ratio %.2f (must be below 2)\n", few,
      many, many / few);
  return many < 2 * few ? 0 : 1;
}
