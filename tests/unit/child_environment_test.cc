#include "core/os/child_environment.h"

#include <doctest/doctest.h>

using namespace prodaccess;

TEST_CASE("the child's environment holds no rival, no hook, and each name once") {
  std::vector<std::pair<std::string, Secret>> additions;
  additions.emplace_back("AWS_ACCESS_KEY_ID", Secret(std::string_view("first")));
  additions.emplace_back("AWS_ACCESS_KEY_ID", Secret(std::string_view("second")));
  const BuiltEnvironment built = build_child_environment(
      {"PATH=/bin", "AWS_PROFILE=other", "LD_PRELOAD=/tmp/x.so", "PATH=/twice", "broken", "=odd",
       "AWS_ACCESS_KEY_ID=old", "EMPTY="},
      {"AWS_*"}, std::move(additions));
  CHECK(built.environment.plain == std::vector<std::string>{"PATH=/bin", "EMPTY="});
  REQUIRE(built.environment.secret.size() == 1);
  CHECK(built.environment.secret[0].first == "AWS_ACCESS_KEY_ID");
  CHECK(built.environment.secret[0].second.view() == "second");
  std::vector<std::string> taken_out;
  for (const EnvironmentChange& change : built.changes) {
    if (change.kind == EnvironmentChange::Kind::TakenOut) taken_out.push_back(change.name);
  }
  CHECK(taken_out == std::vector<std::string>{"AWS_PROFILE", "LD_PRELOAD"});
}
