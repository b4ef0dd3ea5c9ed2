#include "core/command/shell/arithmetic.h"

#include <doctest/doctest.h>

#include <string>

using namespace prodaccess::shell;

namespace {

std::optional<std::int64_t> value(std::string_view text) {
  return evaluate_arithmetic(text, [](std::string_view name) -> std::optional<std::int64_t> {
    if (name == "x") return 7;
    return std::nullopt;
  });
}

}  // namespace

TEST_CASE("integers, variables and the four operations have the value that the shell gives them") {
  CHECK(value("1 - 1") == 0);
  CHECK(value(" 2*3+4 ") == 10);
  CHECK(value("2+3*4") == 14);
  CHECK(value("10-3-2") == 5);
  CHECK(value("(10-(3-2))*-2") == -18);
  CHECK(value("-7/2") == -3);
  CHECK(value("-7%2") == -1);
  CHECK(value("x*x") == 49);
  CHECK(value("+x - +1") == 6);
}

TEST_CASE("what is not followed has no value") {
  for (const char* text : {"",
                           "1/0",
                           "5%0",
                           "y",
                           "x++",
                           "--x",
                           "x=3",
                           "1<<2",
                           "010",
                           "0x10",
                           "1 2",
                           "(1",
                           "1)",
                           "*2",
                           "9223372036854775807+1",
                           "99999999999999999999",
                           "1,2",
                           "x?1:2",
                           "a[0]",
                           "1+"}) {
    CHECK_MESSAGE(!value(text), text);
  }
  CHECK_FALSE(value(std::string(1000, '(') + "1" + std::string(1000, ')')));
  CHECK_FALSE(value(std::string(1000, '-')));
}
