#include "core/policy/zone.h"

#include <doctest/doctest.h>

#include "core/base/ssh_wire.h"
#include "core/policy/hours.h"

using namespace prodaccess;

namespace {

WallTime at(const char* text) { return parse_rfc3339(text).value(); }

void header(SshWriter& file, std::uint32_t times, std::uint32_t types) {
  file.raw("TZif2").raw(std::string(15, '\0'));
  file.u32(0).u32(0).u32(0).u32(times).u32(types).u32(4);
}

// A slim file: one transition, then the rule.
std::string tzif(std::string_view rule) {
  SshWriter file;
  header(file, 0, 1);
  file.u32(0).raw(std::string(2, '\0')).raw(std::string("LMT\0", 4));
  header(file, 1, 2);
  file.u64(
      static_cast<std::uint64_t>(at("1980-01-01T00:00:00Z").time_since_epoch().count() / 1000));
  file.u8(1);
  file.u32(3208).u8(0).u8(0);
  file.u32(3600).u8(0).u8(0);
  file.raw(std::string("LMT\0", 4));
  file.raw("\n").raw(rule).raw("\n");
  return file.bytes();
}

const std::string kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";

}  // namespace

TEST_CASE("offsets before, at and after the last transition") {
  const auto zone = Zone::parse(tzif(kBerlin));
  REQUIRE(zone);
  CHECK(zone->offset_at(at("1900-01-01T00:00:00Z")) == Seconds{3208});
  CHECK(zone->offset_at(at("1980-01-01T00:00:00Z")) == Seconds{3600});
  CHECK(zone->offset_at(at("2026-03-29T00:59:59Z")) == Seconds{3600});
  CHECK(zone->offset_at(at("2026-03-29T01:00:00Z")) == Seconds{7200});
  CHECK(zone->offset_at(at("2026-10-25T00:59:59Z")) == Seconds{7200});
  CHECK(zone->offset_at(at("2026-10-25T01:00:00Z")) == Seconds{3600});
}

TEST_CASE("rules of other forms: southern, by day of the year, quoted names, none") {
  const auto sydney = Zone::parse(tzif("AEST-10AEDT,M10.1.0,M4.1.0/3"));
  REQUIRE(sydney);
  CHECK(sydney->offset_at(at("2026-01-15T00:00:00Z")) == Seconds{39600});
  CHECK(sydney->offset_at(at("2026-07-15T00:00:00Z")) == Seconds{36000});
  const auto tehran = Zone::parse(tzif("<+0330>-3:30<+0430>,J79/24,J263/24"));
  REQUIRE(tehran);
  CHECK(tehran->offset_at(at("2026-01-01T00:00:00Z")) == Seconds{12600});
  CHECK(tehran->offset_at(at("2026-06-01T00:00:00Z")) == Seconds{16200});
  const auto india = Zone::parse(tzif("IST-5:30"));
  REQUIRE(india);
  CHECK(india->offset_at(at("2026-06-01T00:00:00Z")) == Seconds{19800});
  const auto frozen = Zone::parse(tzif(""));
  REQUIRE(frozen);
  CHECK(frozen->offset_at(at("2026-06-01T00:00:00Z")) == Seconds{3600});
}

TEST_CASE("malformed zone data is absent, at every length") {
  const std::string whole = tzif(kBerlin);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(Zone::parse(std::string_view(whole).substr(0, length)));
  }
  CHECK_FALSE(Zone::parse(tzif("CET-1CEST")));
  CHECK_FALSE(Zone::parse(tzif("CET-1CEST,M13.1.0,M10.5.0")));
  CHECK_FALSE(Zone::parse(tzif("x")));
}

TEST_CASE("hours: windows, over midnight, by day") {
  Hours day;
  day.zone = Zone::parse(tzif(kBerlin)).value();
  REQUIRE(parse_window("08:00-20:00", day));
  CHECK(day.contains(at("2026-03-02T07:00:00Z")));
  CHECK_FALSE(day.contains(at("2026-03-02T06:59:59Z")));
  CHECK_FALSE(day.contains(at("2026-03-02T19:00:00Z")));
  CHECK(day.contains(at("2026-07-02T06:00:00Z")));
  day.outside = true;
  CHECK(day.contains(at("2026-03-01T23:00:00+01:00")));

  Hours night;
  REQUIRE(parse_window("22:00-06:00", night));
  night.days = parse_day("fri").value();
  CHECK(night.contains(at("2026-03-06T22:00:00Z")));        // Friday
  CHECK(night.contains(at("2026-03-07T05:59:00Z")));        // into Saturday
  CHECK_FALSE(night.contains(at("2026-03-06T05:00:00Z")));  // that is Thursday's night
  CHECK_FALSE(night.contains(at("2026-03-07T22:00:00Z")));
  CHECK(night.text() == "inside 22:00-06:00 UTC fri");
}

TEST_CASE("what is not a window") {
  Hours hours;
  for (const char* text : {"", "8:00-20:00", "08:00-08:00", "08:00-25:00", "08:60-20:00",
                           "08:00 20:00", "08:00-20:00 ", "24:00-08:00"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_window(text, hours));
  }
  CHECK(parse_window("20:00-24:00", hours));
  CHECK_FALSE(parse_day("monday"));
}
