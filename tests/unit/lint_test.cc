#include "core/policy/lint.h"

#include <doctest/doctest.h>

#include "core/base/text.h"

using namespace prodaccess;

namespace {

std::string lint(const std::string& text, const std::string& user = "") {
  LintWorld world;
  world.roles = {"ops", "db-debug"};
  world.groups = {"leads"};
  world.tools = {"aws", "kubectl"};
  world.verbs = [](const std::string& tool) {
    return tool == "aws" ? std::vector<std::string>{"ec2 terminate-instances", "s3 rm"}
                         : std::vector<std::string>{"delete", "get"};
  };
  std::vector<PolicySource> users;
  if (!user.empty()) users.push_back({"user.toml", user});
  const Policy policy = assemble_policy({{"p.toml", text}}, users, true, {});
  std::string all;
  for (const LintFinding& finding : lint_policy(policy, world)) {
    all += finding.rule + ": " + finding.message + "\n";
  }
  return all;
}

std::string rule(const std::string& id, const std::string& body) {
  return "[[rule]]\nid = \"" + id + "\"\n" + body + "\n";
}

}  // namespace

TEST_CASE("a sound policy has no findings") {
  CHECK(lint("[environments]\n\"aws:1\" = [\"staging\"]\n" +
             rule("a", "role = \"db-*\"\ntool = \"aws\"\naction = \"ec2 *\"\nverdict = \"deny\"") +
             rule("b",
                  "labels = [\"staging\", \"production\"]\nverdict = \"approve\"\n"
                  "from = { group = \"leads\" }") +
             rule("c", "hours = { outside = \"08:00-20:00\" }\nverdict = \"approve\"")) == "");
}

TEST_CASE("rules that can never match are found") {
  const auto finds = [](const std::string& body, const std::string& message) {
    const std::string found = lint(rule("x", body));
    CAPTURE(found);
    CHECK(found.find("x: " + message) != std::string::npos);
  };
  finds("role = \"opps\"\nverdict = \"deny\"", "role \"opps\" fits no role");
  finds("labels = \"prod\"\nverdict = \"deny\"", "labels \"prod\" fits no label");
  finds("tool = \"kubctl\"\nverdict = \"deny\"", "tool \"kubctl\" fits no tool");
  finds("tool = \"kubectl\"\naction = \"delet\"\nverdict = \"deny\"",
        "action \"delet\" fits no verb of kubectl; did you mean \"delete\"?");
  finds("verdict = \"approve\"\nfrom = { group = \"ghosts\" }", "nobody can approve");
}

TEST_CASE("rules that stand twice, or in the shadow of a stricter one, are found") {
  CHECK(lint(rule("a", "tool = \"aws\"\nverdict = \"deny\"") +
             rule("b", "tool = [\"aws\"]\nverdict = \"deny\""))
            .find("b: the same conditions and verdict as rule 'a' at p.toml:1:1") !=
        std::string::npos);
  const std::string found = lint(rule("a", "tool = \"aws\"\nverdict = \"deny\"") +
                                 rule("b",
                                      "tool = \"aws\"\naction = \"ec2 *\"\nticket = true\n"
                                      "verdict = \"confirm\""));
  CHECK(found.find("b: never decides: rule 'a' at p.toml:1:1") != std::string::npos);
  // Not in its shadow: wider, or stricter, or at other hours.
  CHECK(lint(rule("a", "tool = \"aws\"\naction = \"ec2 *\"\nverdict = \"deny\"") +
             rule("b", "tool = \"aws\"\nverdict = \"confirm\"")) == "");
  CHECK(lint(rule("a", "hours = { inside = \"08:00-20:00\" }\nverdict = \"deny\"") +
             rule("b", "tool = \"aws\"\nverdict = \"confirm\"")) == "");
}

TEST_CASE("an allow of a user under a system layer is idle") {
  CHECK(lint("", rule("u", "tool = \"aws\"\nverdict = \"allow\""))
            .find("u: a user's file under a system layer only narrows") != std::string::npos);
}
