#include "core/base/asciicast.h"

#include <doctest/doctest.h>

using namespace prodaccess;

TEST_CASE("asciicast: a header and its events") {
  const auto header = parse_cast_header(
      R"({"version": 2, "width": 90, "height": 24, "timestamp": 1770000000, "title": "psql"})");
  REQUIRE(header.has_value());
  CHECK(header->columns == 90);
  CHECK(header->rows == 24);
  CHECK(header->title == "psql");
  CHECK(format_rfc3339(*header->begun) == "2026-02-02T02:40:00Z");
  const auto event = parse_cast_event(R"([1.25, "o", "\u001b[1mhi\r\n"])");
  REQUIRE(event.has_value());
  CHECK(event->at == Milliseconds{1250});
  CHECK(event->kind == "o");
  CHECK(event->data == "\x1b[1mhi\r\n");
  CHECK(parse_cast_event(R"([3, "r", "100x30"])")->at == Milliseconds{3000});
}

TEST_CASE("asciicast: what is none") {
  for (const char* line :
       {"", "{}", "[]", R"({"version": 1, "width": 90, "height": 24})",
        R"({"version": 2, "width": 0, "height": 24})", R"({"version": 2, "width": "90"})",
        R"({"version": 2, "width": 90, "height": 99999999999})", "nonsense"}) {
    CAPTURE(line);
    CHECK_FALSE(parse_cast_header(line).has_value());
  }
  for (const char* line :
       {"", "[]", "[1]", R"([1, "o"])", R"(["1", "o", "x"])", R"([-1, "o", "x"])",
        R"([1e99, "o", "x"])", R"([1, 2, "x"])", R"([1, "o", "x", 3])", R"({"0": 1})"}) {
    CAPTURE(line);
    CHECK_FALSE(parse_cast_event(line).has_value());
  }
}
