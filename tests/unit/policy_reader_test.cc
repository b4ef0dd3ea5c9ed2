#include "core/policy/policy_reader.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

PolicyLayer read(const std::string& text) {
  return read_policy_layer({"p.toml", text}, [](const std::string&) { return std::nullopt; });
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Policy);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a rule with everything in it") {
  const PolicyLayer layer = read(R"(
requires = ">= 0.1"

[environments]
"aws:111122223333" = ["production"]

[bounds]
scale = 20

[[rule]]
id = "all"
role = ["ops", "deploy-*"]
identity = "ci"
tool = "aws"
action = "ec2 *"
effect = ["destructive", "privilege"]
kind = "vm"
system = "aws"
account = "1111*"
cluster = "c"
namespace = "n"
region = "eu-*"
resource = "instance"
name = "i-*"
labels = ["production"]
anomaly = "burst"
hours = { outside = "08:00-20:00", days = ["mon", "tue"] }
reversible = false
count = { above = 3 }
scale = { above = 1, below = 100 }
argument = { any = "*=*", except = ["x=*"] }
verdict = "approve"
from = [{ group = "leads", count = 2 }, { group = "security" }, { group = "leads" }]
preview = true
reason = true
ticket = true
confirm_with = "security-key"
confirmations = 1
alert = "pager"
message = "No."

[[test]]
at = "2026-03-01T23:00:00+01:00"
role = "ops"
identity = "human"
terminal = false
anomaly = ["burst"]
destructive_last_hour = 4
command = ["aws", "ec2", "terminate-instances"]
expect = { verdict = "approve", rule = "all", effect = "destructive", approvals = 3 }
)");
  REQUIRE(layer.rules.size() == 1);
  const Rule& rule = layer.rules[0];
  CHECK(rule.reference == RuleReference{"all", "p.toml:10:1"});
  CHECK(rule.on(Dimension::Role) == std::vector<std::string>{"ops", "deploy-*"});
  CHECK(rule.on(Dimension::Name) == std::vector<std::string>{"i-*"});
  CHECK(rule.hours->text() == "outside 08:00-20:00 UTC mon,tue");
  CHECK(rule.says.approvals == std::vector<ApprovalNeed>{{"leads", 2}, {"security", 1}});
  CHECK(rule.says.verdict == Verdict::Approve);
  CHECK(rule.says.security_key);
  CHECK(layer.scale_bound == 20);
  CHECK(layer.environments.at("aws:111122223333").size() == 1);
  REQUIRE(layer.tests.size() == 1);
  CHECK(layer.tests[0].argv.size() == 3);
  CHECK(layer.tests[0].expect.approvals == 3);
  CHECK_FALSE(layer.tests[0].terminal);
}

TEST_CASE("what is wrong is named with its place") {
  struct Row {
    const char* text;
    const char* error;
  };
  const std::string rule = "[[rule]]\nid = \"a\"\n";
  const std::vector<Row> rows{
      {"rules = 1\n", "p.toml:1:1: unknown key 'rules'"},
      {"verdict = \"deny\"\neffct = \"read\"\n", "p.toml:4:1: unknown key 'effct'"},
      {"effect = \"destroy\"\nverdict = \"deny\"\n", "p.toml:3:1: 'destroy' is no effect"},
      {"effect = []\nverdict = \"deny\"\n", "p.toml:3:1: 'effect' is empty: it fits nothing"},
      {"identity = \"robot\"\nverdict = \"deny\"\n", "p.toml:3:1: 'robot' is no identity"},
      {"verdict = \"maybe\"\n", "p.toml:3:1: 'verdict' must be one of"},
      {"verdict = true\n", "p.toml:3:11: 'verdict' must be a string"},
      {"tool = \"aws\"\n", "p.toml:1:1: the rule says nothing"},
      {"preview = false\n", "p.toml:1:1: the rule says nothing"},
      {"verdict = \"deny\"\nfrom = { count = 1 }\n", "'from' needs verdict = \"approve\""},
      {"verdict = \"approve\"\nfrom = { count = 0 }\n", "'count' must be from 1 to 16"},
      {"verdict = \"allow\"\nconfirmations = 1\n", "'confirmations' needs verdict"},
      {"verdict = \"confirm\"\nconfirmations = 3\n", "'confirmations' must be from 1 to 2"},
      {"max_per_hour = 3\n", "'max_per_hour' counts destructive commands"},
      {"effect = \"destructive\"\nmax_per_hour = -1\n", "'max_per_hour' must be from 0"},
      {"verdict = \"deny\"\ncount = { above = 3, below = 4 }\n", "nothing is above 3 and below 4"},
      {"verdict = \"deny\"\ncount = {}\n", "write { above = N }"},
      {"verdict = \"deny\"\nhours = { zone = \"UTC\" }\n",
       "'hours' needs either inside or outside"},
      {"verdict = \"deny\"\nhours = { inside = \"8-20\" }\n", "'inside' must look like"},
      {"verdict = \"deny\"\nhours = { inside = \"08:00-20:00\", zone = \"Mars/Base\" }\n",
       "no time zone 'Mars/Base' here"},
      {"verdict = \"deny\"\nargument = { except = \"x\" }\n", "'any' is missing"},
  };
  for (const Row& row : rows) {
    const std::string text = row.text[0] == 'r' && std::string(row.text).find("rules") == 0
                                 ? std::string(row.text)
                                 : rule + row.text;
    CAPTURE(text);
    CHECK(error_of(text).find(row.error) != std::string::npos);
  }
  CHECK(error_of("[[rule]]\nverdict = \"deny\"\n").find("'id' is missing") != std::string::npos);
  CHECK(error_of("[[rule]]\nid = \"built-in:x\"\nverdict = \"deny\"\n").find("'id' must not") !=
        std::string::npos);
  CHECK(error_of("[[test]]\ncommand = \"ls\"\n").find("'expect' is missing") != std::string::npos);
  CHECK(error_of("[[test]]\ncommand = \"ls\"\nexpect = {}\n").find("cannot fail") !=
        std::string::npos);
  CHECK(error_of("[environments]\nx = [\"y\"]\n").find("must look like") != std::string::npos);
  CHECK(error_of("requires = \">= 99\"\nbogus = 1\n").find("needs prodaccess >= 99") !=
        std::string::npos);
}

TEST_CASE("ids are unique over files, and environments are the system layer's") {
  const PolicySource a{"a.toml", "[[rule]]\nid = \"x\"\nverdict = \"deny\"\n"};
  const PolicySource b{"b.toml", "[[rule]]\nid = \"x\"\nverdict = \"deny\"\n"};
  CHECK_THROWS_WITH(assemble_policy({a, b}, {}, true, {}),
                    "b.toml:1:1: the id 'x' stands already at a.toml:1:1");
  const PolicySource labels{"c.toml", "[environments]\n\"aws:1\" = [\"staging\"]\n"};
  CHECK_THROWS_AS(assemble_policy({a}, {labels}, true, {}), Error);
  const Policy own = assemble_policy({}, {labels}, false, {});
  CHECK(own.self_governed);
  CHECK(own.environments.size() == 1);
  const Policy system = assemble_policy({labels}, {}, true, {});
  CHECK_FALSE(system.self_governed);
  CHECK(system.digest != own.digest);
  const PolicySource comments{"d.toml", "# nothing yet\nrequires = \">= 0.1\"\n"};
  CHECK(assemble_policy({comments}, {labels}, false, {}).self_governed);
  CHECK_FALSE(assemble_policy({a, comments}, {}, false, {}).self_governed);
}
