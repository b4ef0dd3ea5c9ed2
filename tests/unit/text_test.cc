#include "core/base/text.h"

#include <doctest/doctest.h>

using namespace prodaccess;

TEST_CASE("globs match whole texts") {
  CHECK(glob_match("ec2 *-instances", "ec2 terminate-instances"));
  CHECK(glob_match("*", ""));
  CHECK(glob_match("a?c", "abc"));
  CHECK(glob_match("a\\*c", "a*c"));
  CHECK_FALSE(glob_match("a\\*c", "abc"));
  CHECK_FALSE(glob_match("a", "ab"));
  CHECK(glob_match("*a*b*c", "xxaxxbxxbxxc"));
}

TEST_CASE("text for a terminal holds nothing that acts on it") {
  CHECK(escape_for_terminal("plain text-1") == "plain text-1");
  CHECK(escape_for_terminal("\x1b[2J") == "\\x1b[2J");
  CHECK(escape_for_terminal("a\nb") == "a\\x0ab");
  CHECK(escape_for_terminal("\xe2\x80\xae") == "\\u{202e}");
  CHECK(escape_for_terminal("\xff") == "\\xff");
  CHECK(escape_for_terminal("caf\xc3\xa9") == "caf\xc3\xa9");
  CHECK(escape_for_terminal("\xd0\xb0") == "\\u{430}");  // Cyrillic a
}

TEST_CASE("base64 goes both ways and refuses loose bits") {
  CHECK(base64("ab") == "YWI=");
  CHECK(base64url("\xff\xfe") == "__4");
  CHECK(unbase64("YWI=") == std::string("ab"));
  CHECK_FALSE(unbase64("YWJ="));
  CHECK_FALSE(unbase64("Y"));
}

TEST_CASE("the nearest name is a slip away") {
  CHECK(nearest("db-debgu", {"db-debug", "ops"}) == std::string("db-debug"));
  CHECK_FALSE(nearest("zzzzzz", {"db-debug", "ops"}));
}
