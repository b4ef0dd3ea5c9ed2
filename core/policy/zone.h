// Zone: a time zone's offsets, from the bytes of a TZif file (RFC 8536) that the caller read. The
// standard library has no time zone data before gcc 13, and this room reads no files.
//
// The 64-bit block is used, and the POSIX TZ text after it for instants past the last transition
// (files made with `zic -b slim` rely on it). Errors: malformed bytes are absent. Threads: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace prodaccess {

// One change of a daylight saving rule: Mm.w.d, Jn or n of POSIX TZ, and the local time of day.
struct ZoneChange {
  enum class Form : std::uint8_t { MonthWeekDay, JulianNoLeap, DayOfYear };
  Form form = Form::MonthWeekDay;
  int month = 1;
  int week = 1;  // 5: the last
  int day = 0;   // day of the week (0: Sunday), or of the year
  Seconds time{7200};
};

// The rule after the last transition: "CET-1CEST,M3.5.0,M10.5.0/3".
struct ZoneRule {
  Seconds standard{0};  // east of Greenwich
  std::optional<Seconds> daylight;
  ZoneChange start;
  ZoneChange end;
};

std::optional<ZoneRule> parse_zone_rule(std::string_view text);

class Zone {
 public:
  Zone() = default;  // UTC
  static std::optional<Zone> parse(std::string_view tzif);

  // What local clocks are ahead of UTC.
  Seconds offset_at(WallTime time) const;

 private:
  struct Transition {
    std::int64_t at;  // seconds since 1970, UTC
    std::int32_t offset;
  };
  std::int32_t first_offset_ = 0;
  std::vector<Transition> transitions_;
  std::optional<ZoneRule> rule_;
};

}  // namespace prodaccess
