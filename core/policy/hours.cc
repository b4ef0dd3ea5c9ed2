#include "core/policy/hours.h"

#include <array>
#include <cstdio>

namespace prodaccess {
namespace {

constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr int kDay = 24 * 60;

std::optional<int> parse_minute(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int value = 0;
  for (const std::size_t at : {0U, 1U, 3U, 4U}) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  const int minutes = value / 100 * 60 + value % 100;
  if (value % 100 > 59 || minutes > kDay) return std::nullopt;
  return minutes;
}

std::string minute_text(int minutes) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02d:%02d", minutes / 60, minutes % 60);
  return buffer.data();
}

}  // namespace

bool Hours::contains(WallTime now) const {
  const auto local = std::chrono::floor<Seconds>(now) + zone.offset_at(now);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto minute =
      static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(local - day).count());
  const unsigned weekday = std::chrono::weekday{day}.c_encoding();
  const auto has_day = [this](unsigned d) { return ((days >> d) & 1U) != 0; };
  const bool inside = from < to ? minute >= from && minute < to && has_day(weekday)
                                : (minute >= from && has_day(weekday)) ||
                                      (minute < to && has_day((weekday + 6) % 7));
  return inside != outside;
}

std::string Hours::text() const {
  std::string text = (outside ? "outside " : "inside ") + minute_text(from) + "-" +
                     minute_text(to) + " " + zone_name;
  if (days == 0x7f) return text;
  char separator = ' ';
  for (std::size_t i = 0; i < kDays.size(); ++i) {
    if (((days >> i) & 1U) == 0) continue;
    text += separator;
    text += kDays[i];
    separator = ',';
  }
  return text;
}

bool parse_window(std::string_view text, Hours& hours) {
  if (text.size() != 11 || text[5] != '-') return false;
  const auto from = parse_minute(text.substr(0, 5));
  const auto to = parse_minute(text.substr(6));
  if (!from || !to || *from == *to || *from == kDay) return false;
  hours.from = *from;
  hours.to = *to;
  return true;
}

std::optional<std::uint8_t> parse_day(std::string_view name) {
  for (std::size_t i = 0; i < kDays.size(); ++i) {
    if (kDays[i] == name) return static_cast<std::uint8_t>(1U << i);
  }
  return std::nullopt;
}

}  // namespace prodaccess
