#include <doctest/doctest.h>

#include "cli/command.h"
#include "core/base/error.h"

using namespace prodaccess;

namespace {

struct Tree {
  Command root{"prodaccess", "test"};
  std::string role;
  bool once = false;
  std::optional<Seconds> ttl;
  std::vector<std::string> rest;

  Tree() {
    Command& exec = root.add("exec", "run");
    exec.option("--role", &role, "NAME", "role").completes("roles");
    exec.option("--ttl", &ttl, "TIME", "how long");
    exec.flag("--once", &once, "once");
    exec.rest("COMMAND", &rest, "the command");
    exec.runs([](Context&) { return 0; });
    Command& policy = root.add("policy", "policy");
    policy.add("explain", "explain").runs([](Context&) { return 0; });
  }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("the words of the user's command come through untouched") {
  struct Case {
    Words line;
    Words rest;
  };
  for (const Case& one : {
           Case{{"exec", "--", "aws", "--json"}, {"aws", "--json"}},
           Case{{"exec", "--role", "ops", "--", "cmd", "--", "x", ""}, {"cmd", "--", "x", ""}},
           Case{{"exec", "--once", "cmd", "--role", "theirs"}, {"cmd", "--role", "theirs"}},
           Case{{"exec", "--role=ops", "cmd", "--help"}, {"cmd", "--help"}},
           Case{{"exec", "--", "--odd"}, {"--odd"}},
       }) {
    Tree tree;
    const Chosen chosen = parse_command_line(tree.root, one.line);
    CHECK(chosen.path == "prodaccess exec");
    CHECK_FALSE(chosen.help);
    CHECK_FALSE(chosen.json);
    CHECK(tree.rest == one.rest);
    CHECK(tree.role != "theirs");
  }
}

TEST_CASE("our own options are read before the command") {
  Tree tree;
  const Chosen chosen =
      parse_command_line(tree.root, {"exec", "--json", "--ttl", "90s", "--role", "ops", "--", "x"});
  CHECK(chosen.json);
  CHECK(tree.role == "ops");
  CHECK(tree.ttl == Seconds{90});
}

TEST_CASE("a wrong command line is a usage error that says what to try") {
  for (const Words& line :
       {Words{"exce"}, Words{"exec"},
        Words{
            "exec",
            "--",
        },
        Words{"policy"}, Words{"exec", "--nope", "--", "x"}, Words{"exec", "--ttl", "soon", "x"},
        Words{"policy", "explain", "--json", "--what"}}) {
    Tree tree;
    try {
      parse_command_line(tree.root, line);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::Usage);
      CHECK_FALSE(error.hints().empty());
    }
  }
}

TEST_CASE("help is asked for at every level") {
  for (const Words& line : {Words{"--help"}, Words{"exec", "--help"}, Words{"policy", "help"},
                            Words{"policy", "explain", "-h"}, Words{"exec", "--once", "--help"}}) {
    Tree tree;
    CHECK(parse_command_line(tree.root, line).help);
  }
}
