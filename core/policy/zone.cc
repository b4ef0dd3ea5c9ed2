#include "core/policy/zone.h"

#include <algorithm>

#include "core/base/ssh_wire.h"

namespace prodaccess {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year;

// TZif's numbers are big-endian, as those of SSH are.
struct Header {
  char version = 0;
  std::uint32_t utc_flags = 0;
  std::uint32_t standard_flags = 0;
  std::uint32_t leaps = 0;
  std::uint32_t times = 0;
  std::uint32_t types = 0;
  std::uint32_t names = 0;

  std::size_t block_size(std::size_t time_size) const {
    return std::size_t{times} * time_size + times + std::size_t{types} * 6 + names +
           std::size_t{leaps} * (time_size + 4) + standard_flags + utc_flags;
  }
};

std::optional<Header> read_header(SshReader& reader) {
  constexpr std::uint32_t kMost = 1U << 16;
  if (reader.raw(4) != "TZif") return std::nullopt;
  Header header;
  header.version = static_cast<char>(reader.u8());
  reader.raw(15);
  header.utc_flags = reader.u32();
  header.standard_flags = reader.u32();
  header.leaps = reader.u32();
  header.times = reader.u32();
  header.types = reader.u32();
  header.names = reader.u32();
  const auto large = [](std::uint32_t n) { return n > kMost; };
  if (!reader.good() || header.types == 0 || large(header.times) || large(header.types) ||
      large(header.names) || large(header.leaps) || large(header.utc_flags) ||
      large(header.standard_flags)) {
    return std::nullopt;
  }
  return header;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_number(std::string_view& text, int most) {
  int value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + (text[digits++] - '0');
    if (value > most) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

// "3", "-2:30", "+167:59:59".
std::optional<Seconds> take_clock(std::string_view& text) {
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  const auto hours = take_number(text, 167);
  if (!hours) return std::nullopt;
  int seconds = *hours * 3600;
  for (const int unit : {60, 1}) {
    if (!take(text, ':')) break;
    const auto part = take_number(text, 59);
    if (!part) return std::nullopt;
    seconds += *part * unit;
  }
  return Seconds{negative ? -seconds : seconds};
}

// "CET" or "<+0330>".
bool take_name(std::string_view& text) {
  const bool quoted = take(text, '<');
  std::size_t length = 0;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  while (length < text.size() && (quoted ? text[length] != '>' : is_letter(text[length]))) ++length;
  if (length < 3) return false;
  text.remove_prefix(length);
  return !quoted || take(text, '>');
}

std::optional<ZoneChange> take_change(std::string_view& text) {
  ZoneChange change;
  if (!take(text, ',')) return std::nullopt;
  if (take(text, 'M')) {
    const auto month = take_number(text, 12);
    if (!month || *month < 1 || !take(text, '.')) return std::nullopt;
    const auto week = take_number(text, 5);
    if (!week || *week < 1 || !take(text, '.')) return std::nullopt;
    const auto day = take_number(text, 6);
    if (!day) return std::nullopt;
    change.month = *month;
    change.week = *week;
    change.day = *day;
  } else {
    const bool no_leap = take(text, 'J');
    change.form = no_leap ? ZoneChange::Form::JulianNoLeap : ZoneChange::Form::DayOfYear;
    const auto day = take_number(text, 365);
    if (!day || (no_leap && *day == 0)) return std::nullopt;
    change.day = *day;
  }
  if (take(text, '/')) {
    const auto time = take_clock(text);
    if (!time) return std::nullopt;
    change.time = *time;
  }
  return change;
}

// The instant of a change in `y`, as local time before it.
Seconds change_in(const ZoneChange& change, year y) {
  const sys_days new_year{y / 1 / 1};
  sys_days day;
  switch (change.form) {
    case ZoneChange::Form::JulianNoLeap:
      day = new_year + days{change.day - 1 + (y.is_leap() && change.day >= 60 ? 1 : 0)};
      break;
    case ZoneChange::Form::DayOfYear: day = new_year + days{change.day}; break;
    case ZoneChange::Form::MonthWeekDay: {
      const auto month = y / static_cast<int>(change.month);
      const std::chrono::weekday weekday{static_cast<unsigned>(change.day)};
      day = change.week == 5 ? sys_days{month / weekday[std::chrono::last]}
                             : sys_days{month / weekday[static_cast<unsigned>(change.week)]};
      break;
    }
  }
  return std::chrono::duration_cast<Seconds>(day.time_since_epoch()) + change.time;
}

Seconds offset_by_rule(const ZoneRule& rule, Seconds time) {
  if (!rule.daylight) return rule.standard;
  const auto local = std::chrono::floor<days>(std::chrono::sys_seconds{time + rule.standard});
  const year y = std::chrono::year_month_day{local}.year();
  const Seconds start = change_in(rule.start, y) - rule.standard;
  const Seconds end = change_in(rule.end, y) - *rule.daylight;
  const bool daylight =
      start < end ? time >= start && time < end : time >= start || time < end;  // southern
  return daylight ? *rule.daylight : rule.standard;
}

}  // namespace

std::optional<ZoneRule> parse_zone_rule(std::string_view text) {
  ZoneRule rule;
  if (!take_name(text)) return std::nullopt;
  const auto west = take_clock(text);
  if (!west) return std::nullopt;
  rule.standard = -*west;
  if (text.empty()) return rule;
  if (!take_name(text)) return std::nullopt;
  rule.daylight = rule.standard + Seconds{3600};
  if (!text.empty() && text.front() != ',') {
    const auto daylight_west = take_clock(text);
    if (!daylight_west) return std::nullopt;
    rule.daylight = -*daylight_west;
  }
  const auto start = take_change(text);
  const auto end = start ? take_change(text) : std::nullopt;
  if (!end || !text.empty()) return std::nullopt;
  rule.start = *start;
  rule.end = *end;
  return rule;
}

std::optional<Zone> Zone::parse(std::string_view tzif) {
  SshReader reader(tzif);
  auto header = read_header(reader);
  if (!header || header->version < '2') return std::nullopt;
  reader.raw(header->block_size(4));
  header = read_header(reader);
  if (!header) return std::nullopt;

  std::vector<std::int64_t> times(header->times);
  for (std::int64_t& time : times) time = static_cast<std::int64_t>(reader.u64());
  const std::string_view indices = reader.raw(header->times);
  std::vector<std::int32_t> offsets(header->types);
  for (std::int32_t& offset : offsets) {
    offset = static_cast<std::int32_t>(reader.u32());
    reader.raw(2);
  }
  reader.raw(header->names + std::size_t{header->leaps} * 12 + header->standard_flags +
             header->utc_flags);
  if (!reader.good() || !std::is_sorted(times.begin(), times.end())) return std::nullopt;

  Zone zone;
  zone.first_offset_ = offsets[0];
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto type = static_cast<unsigned char>(indices[i]);
    if (type >= offsets.size()) return std::nullopt;
    zone.transitions_.push_back({times[i], offsets[type]});
  }
  std::string footer;
  if (reader.u8() != '\n') return std::nullopt;
  for (std::uint8_t c = reader.u8(); reader.good() && c != '\n'; c = reader.u8()) {
    footer += static_cast<char>(c);
  }
  if (!reader.good()) return std::nullopt;
  if (footer.empty()) return zone;  // no rule: the last transition holds for ever
  zone.rule_ = parse_zone_rule(footer);
  if (!zone.rule_) return std::nullopt;
  return zone;
}

Seconds Zone::offset_at(WallTime time) const {
  const Seconds seconds = std::chrono::floor<Seconds>(time).time_since_epoch();
  if (transitions_.empty() || seconds.count() >= transitions_.back().at) {
    if (rule_) return offset_by_rule(*rule_, seconds);
    return Seconds{transitions_.empty() ? first_offset_ : transitions_.back().offset};
  }
  const auto after = std::upper_bound(
      transitions_.begin(), transitions_.end(), seconds.count(),
      [](std::int64_t at, const Transition& transition) { return at < transition.at; });
  return Seconds{after == transitions_.begin() ? first_offset_ : std::prev(after)->offset};
}

}  // namespace prodaccess
