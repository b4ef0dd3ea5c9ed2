#include "core/base/netstring.h"

#include <doctest/doctest.h>

#include <string>

using namespace prodaccess;

TEST_CASE("netstrings hold any bytes") {
  const std::vector<std::string_view> parts{"hello", "", std::string_view("\0,:1", 4)};
  const Secret bytes = encode_netstrings(parts);
  CHECK(bytes.view() == std::string_view("5:hello,0:,4:\0,:1,", 18));
  CHECK(decode_netstrings(bytes.view()) == parts);
  CHECK(decode_netstrings("")->empty());
}

TEST_CASE("what is not a whole number of netstrings is none") {
  for (const std::string_view bad :
       {"5:hell,", "5:hello", "5:hello;", "05:hello,", ":,", "-1:,", "+1:x,", " 1:x,", "1",
        "1:", "99999999999999999999:x,", "18446744073709551615:x,", "1:x,y"}) {
    CAPTURE(bad);
    CHECK_FALSE(decode_netstrings(bad));
  }
}
