#include "core/base/time.h"

#include <array>
#include <cctype>
#include <cstdio>

namespace prodaccess {
namespace {

constexpr std::int64_t kLongestDuration = std::int64_t{10'000} * 86'400;

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 4> kUnits{{{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Exactly `count` digits from the front of `text`, taken off it.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take_char(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Milliseconds> take_fraction(std::string_view& text) {
  if (!take_char(text, ".")) return Milliseconds{0};
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  int value = 0;
  int digits = 0;
  while (!text.empty() && is_digit(text.front())) {
    if (digits++ < 3) value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  for (; digits < 3; ++digits) value *= 10;
  return Milliseconds{value};
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take_char(text, "Zz")) return std::chrono::minutes{0};
  if (text.empty()) return std::nullopt;
  const bool negative = text.front() == '-';
  if (!take_char(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take_char(text, ":")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const int total = *hours * 60 + *minutes;
  return std::chrono::minutes{negative ? -total : total};
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take_char(text, "-")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take_char(text, "-")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date};
}

std::optional<Seconds> take_time_of_day(std::string_view& text) {
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take_char(text, ":")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || !take_char(text, ":")) return std::nullopt;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;
  return Seconds{*hours * 3600 + *minutes * 60 + *seconds};
}

}  // namespace

std::optional<Seconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    std::int64_t value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
      value = value * 10 + (text[digits] - '0');
      if (value > kLongestDuration) return std::nullopt;
      ++digits;
    }
    if (digits == 0 || digits == text.size()) return std::nullopt;
    while (next_unit < kUnits.size() && kUnits[next_unit].letter != text[digits]) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    total += value * kUnits[next_unit++].seconds;
    if (total > kLongestDuration) return std::nullopt;
    text.remove_prefix(digits + 1);
  }
  return Seconds{total};
}

std::string format_duration(Seconds duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  if (rest < 0) {
    text = "-";
    rest = -rest;
  }
  for (const Unit& unit : kUnits) {
    if (rest / unit.seconds > 0) text += std::to_string(rest / unit.seconds) + unit.letter;
    rest %= unit.seconds;
  }
  return text;
}

std::string format_rfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Milliseconds> clock{time - day};
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string text = buffer.data();
  if (clock.subseconds().count() != 0) {
    std::snprintf(buffer.data(), buffer.size(), ".%03d",
                  static_cast<int>(clock.subseconds().count()));
    text += buffer.data();
  }
  return text + "Z";
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take_char(text, "Tt ")) return std::nullopt;
  const auto clock = take_time_of_day(text);
  if (!clock) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return WallTime{*date} + *clock + *fraction - *offset;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::string_view kDays = "Mon, Tue, Wed, Thu, Fri, Sat, Sun, ";
  constexpr std::string_view kMonths = " Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const std::size_t day = kDays.find(text.substr(0, 5));
  if (day == std::string_view::npos || day % 5 != 0) return std::nullopt;
  const std::size_t month = kMonths.find(text.substr(7, 5));
  if (month == std::string_view::npos || month % 4 != 0) return std::nullopt;
  const std::size_t number = month / 4 + 1;
  const std::string date = std::string(text.substr(12, 4)) + (number < 10 ? "-0" : "-") +
                           std::to_string(number) + "-" + std::string(text.substr(5, 2));
  return parse_rfc3339(date + "T" + std::string(text.substr(17, 8)) + "Z");
}

}  // namespace prodaccess
