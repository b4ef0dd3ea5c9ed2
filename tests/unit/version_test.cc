#include "core/base/version.h"

#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace prodaccess;

TEST_CASE("a requirement is met, or is one line with its place") {
  check_requirement(">= 0.0.1", "p.toml:1:1");
  check_requirement(">=0", "p.toml:1:1");
  CHECK_THROWS_WITH_AS(
      check_requirement(">= 99", "p.toml:1:1"),
      ("p.toml:1:1: needs prodaccess >= 99, this is " + std::string(version())).c_str(), Error);
  for (const char* text : {"", "1.3", "> 1.3", ">= ", ">= 1.x", ">= 1.2.3.4", ">= -1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(check_requirement(text, "p.toml:1:1"), Error);
  }
}
