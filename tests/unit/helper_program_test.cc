#include "core/os/helper_program.h"

#include <doctest/doctest.h>
#include <signal.h>

#include "core/base/error.h"

using namespace prodaccess;

namespace {

HelperRun shell(const std::string& script) {
  HelperRun run;
  run.program = "/bin/sh";
  run.argv = {"sh", "-c", script};
  return run;
}

}  // namespace

TEST_CASE("a helper gets its input, environment and folder, and nothing else") {
  HelperRun run = shell(
      "cat; echo \"$NAME\"; env | sort | tr '\\n' ' '; pwd; ls /proc/self/fd | wc -l; "
      "(: </dev/tty) 2>/dev/null && echo tty; echo oops >&2; exit 3");
  run.environment.emplace_back("NAME", Secret("value"));
  run.environment.emplace_back("PATH", Secret("/usr/bin:/bin"));
  run.input = Secret("in\n");
  const HelperResult result = run_helper(run);
  CHECK(result.end == HelperResult::End::Exited);
  CHECK(result.status == 3);
  CHECK_FALSE(result.good());
  CHECK(result.output.view() == "in\nvalue\nNAME=value PATH=/usr/bin:/bin PWD=/ /\n4\n");
  CHECK(result.errors == "oops\n");
  CHECK(result.description(run) == "exited with status 3");
}

TEST_CASE("a helper that reads nothing, or closes its output early, does no harm") {
  HelperRun run = shell("exec 0<&- 1>&-; sleep 0.1");
  run.input = Secret(std::string(1U << 20, 'x'));
  CHECK(run_helper(run).good());
}

TEST_CASE("large input and output pass without a stall") {
  HelperRun run = shell("cat");
  run.input = Secret(std::string(900'000, 'x'));
  const HelperResult result = run_helper(run);
  CHECK(result.good());
  CHECK(result.output.size() == 900'000);
}

TEST_CASE("a helper that does not end is ended, with all of its group") {
  HelperRun run = shell("trap '' TERM INT HUP; sleep 100 & echo $!; sleep 100");
  run.deadline = Milliseconds{300};
  const HelperResult result = run_helper(run);
  CHECK(result.end == HelperResult::End::TimedOut);
  const pid_t grandchild = std::stoi(std::string(result.output.view()));
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    gone = kill(grandchild, 0) != 0;
    if (!gone) run_helper(shell("sleep 0.01"));
  }
  CHECK(gone);
}

TEST_CASE("what a helper leaves running does not hold us up") {
  HelperRun run = shell("sleep 100 & echo done");
  run.deadline = Milliseconds{20'000};
  const HelperResult result = run_helper(run);
  CHECK(result.good());
  CHECK(result.output.view() == "done\n");
}

TEST_CASE("a helper that says too much is ended") {
  HelperRun run = shell("yes");
  run.output_limit = 1000;
  CHECK(run_helper(run).end == HelperResult::End::TooLong);
  HelperRun chatty = shell("yes | head -c 2000; exit 0");
  chatty.output_limit = 1000;
  CHECK(run_helper(chatty).end == HelperResult::End::TooLong);
  CHECK(run_helper(shell("head -c 100000 /dev/zero >&2")).errors.size() == 8192);
}

TEST_CASE("a helper's signal, and a program that cannot be run, are told") {
  const HelperResult result = run_helper(shell("kill -9 $$"));
  CHECK(result.end == HelperResult::End::Signalled);
  CHECK(result.status == 9);
  HelperRun run;
  run.program = "/nonexistent";
  run.argv = {"x"};
  CHECK_THROWS_AS(run_helper(run), Error);
}
