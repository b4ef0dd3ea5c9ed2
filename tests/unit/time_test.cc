#include "core/base/time.h"

#include <doctest/doctest.h>

using namespace prodaccess;

TEST_CASE("durations are read and written as people write them") {
  CHECK(parse_duration("30m") == Seconds{1800});
  CHECK(parse_duration("1h30m") == Seconds{5400});
  CHECK(parse_duration("2d") == Seconds{172800});
  CHECK(parse_duration("0s") == Seconds{0});
  for (const char* bad : {"", "30", "m", "-5m", "30m1h", "1h1h", "1 h", "1.5h",
                          "99999999999999999999s", "10001d", "30M"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad));
  }
  CHECK(format_duration(Seconds{5400}) == "1h30m");
  CHECK(format_duration(Seconds{0}) == "0s");
  CHECK(format_duration(Seconds{-61}) == "-1m1s");
}

TEST_CASE("instants are RFC 3339 in both directions") {
  const auto time = parse_rfc3339("2026-01-02T04:04:05+01:00");
  REQUIRE(time);
  CHECK(format_rfc3339(*time) == "2026-01-02T03:04:05Z");
  CHECK(format_rfc3339(*parse_rfc3339("2026-01-02T03:04:05.1239Z")) == "2026-01-02T03:04:05.123Z");
  for (const char* bad :
       {"", "2026-01-02", "2026-02-30T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:04:05",
        "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05.Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_rfc3339(bad));
  }
}

TEST_CASE("dates of HTTP headers are read in their preferred form") {
  CHECK(parse_http_date("Fri, 02 Jan 2026 03:04:05 GMT") == parse_rfc3339("2026-01-02T03:04:05Z"));
  CHECK(parse_http_date("Sun, 06 Dec 1994 08:49:37 GMT") == parse_rfc3339("1994-12-06T08:49:37Z"));
  for (const char* bad : {"", "Friday, 02-Jan-26 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:05 UTC",
                          "Fri, 2 Jan 2026 03:04:05 GMT", "Xri, 02 Jan 2026 03:04:05 GMT",
                          "Fri, 02 Jon 2026 03:04:05 GMT", "Fri, 32 Jan 2026 03:04:05 GMT",
                          "Fri, 02 Jan 2026 25:04:05 GMT"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_http_date(bad));
  }
}
