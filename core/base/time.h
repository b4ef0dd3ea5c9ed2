// Time: the two clocks' types, and durations and instants as people write them.
//
// WallTime is the calendar (UTC, may be set back); BootTime counts from the machine's start,
// suspend included, and never goes back. Validity needs both; order comes from sequence numbers.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace prodaccess {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;
using WallTime = std::chrono::sys_time<Milliseconds>;

struct BootClock {
  using rep = Milliseconds::rep;
  using period = Milliseconds::period;
  using duration = Milliseconds;
  using time_point = std::chrono::time_point<BootClock, Milliseconds>;
  static constexpr bool is_steady = true;
};
using BootTime = BootClock::time_point;

// "30m", "1h30m", "90s", "2d": whole numbers with units d, h, m, s, largest first, each once.
// Nothing else: a bare number, a sign, a blank or an overflow (over 10,000 days) is absent.
std::optional<Seconds> parse_duration(std::string_view text);

// The shortest such text: 5400 s is "1h30m", zero is "0s".
std::string format_duration(Seconds duration);

// RFC 3339 in UTC: "2026-01-02T03:04:05Z", with ".678" only where milliseconds are not zero.
std::string format_rfc3339(WallTime time);

// RFC 3339 with any offset and fraction (cut to milliseconds).
std::optional<WallTime> parse_rfc3339(std::string_view text);

// The date of HTTP headers: "Fri, 02 Jan 2026 03:04:05 GMT" (RFC 9110, 5.6.7, its preferred form).
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace prodaccess
