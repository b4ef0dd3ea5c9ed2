#include "cli/shell_setup.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

ShellFacts facts() {
  ShellFacts facts;
  facts.folder = "/run/it's/x";
  facts.tools = "/run/it's/x/prodaccess-tools";
  facts.role = "ops";
  facts.until = 1'700'000'000;
  facts.home = "/home/ana";
  return facts;
}

}  // namespace

TEST_CASE("a shell is known by the name of its program") {
  CHECK(shell_kind("/usr/bin/zsh") == ShellKind::Zsh);
  CHECK(shell_kind("bash") == ShellKind::Bash);
  CHECK(shell_kind("/opt/fish") == ShellKind::Fish);
  CHECK_FALSE(shell_kind("/bin/sh"));
  CHECK_FALSE(shell_kind(""));
}

TEST_CASE("paths are quoted in the start-up files, and nothing is left to fill in") {
  for (const ShellKind kind : {ShellKind::Bash, ShellKind::Zsh, ShellKind::Fish}) {
    const ShellSetup setup = shell_setup(kind, facts());
    CHECK_FALSE(setup.files.empty());
    bool puts_tools_first = false;
    for (const auto& [name, text] : setup.files) {
      const std::string file = name;  // clang 14 captures no structured binding
      CAPTURE(file);
      for (const char* mark : {"@TOOLS@", "@FOLDER@", "@ZDOTDIR@", "@ROLE@", "@UNTIL@"}) {
        CHECK(text.find(mark) == std::string::npos);
      }
      puts_tools_first = puts_tools_first || text.find("'\\''s/x/prodaccess-tools'") != text.npos;
    }
    CHECK(puts_tools_first);
  }
}
