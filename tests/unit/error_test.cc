#include "core/base/error.h"

#include <doctest/doctest.h>

#include <cerrno>

using namespace prodaccess;

TEST_CASE("a full disk says what to do, after what the caller has to say") {
  const Error full = system_error("writing x", ENOSPC, {"first"});
  REQUIRE(full.hints().size() == 2);
  CHECK(full.hints()[0] == "first");
  CHECK(full.hints()[1].find("df -h") != std::string::npos);
  CHECK(system_error("writing x", EDQUOT).hints().size() == 1);
  CHECK(system_error("writing x", EACCES).hints().empty());
}
