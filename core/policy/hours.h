// Hours: a daily window in a time zone, as `hours = { inside = "08:00-20:00", zone =
// "Europe/Berlin", days = ["mon", "fri"] }` gives it. A window over midnight belongs to the day it
// begins on. Threads: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/policy/zone.h"

namespace prodaccess {

struct Hours {
  bool outside = false;
  int from = 0;              // minutes of the day
  int to = 0;                // the first minute after; 1440 is midnight
  std::uint8_t days = 0x7f;  // bit 0: Sunday
  std::string zone_name = "UTC";
  Zone zone;

  bool contains(WallTime now) const;
  std::string text() const;  // "outside 08:00-20:00 Europe/Berlin mon,tue"
};

// "08:00-20:00" into `from` and `to`; false if it is not a window.
bool parse_window(std::string_view text, Hours& hours);
// "mon" .. "sun" as a bit of `days`.
std::optional<std::uint8_t> parse_day(std::string_view name);

}  // namespace prodaccess
