#include "core/base/asciicast.h"

#include <nlohmann/json.hpp>

#include "core/base/json.h"

namespace prodaccess {
namespace {

constexpr std::int64_t kLargestSide = 10'000;
constexpr double kLongestSeconds = 86'400.0 * 365;

bool is_side(std::int64_t side) { return side >= 1 && side <= kLargestSide; }

}  // namespace

std::optional<CastHeader> parse_cast_header(std::string_view line) try {
  const Json json = parse_json_strictly(line, "a recording's first line");
  if (json.at("version") != 2) return std::nullopt;
  CastHeader header;
  header.columns = json.at("width").get<std::int64_t>();
  header.rows = json.at("height").get<std::int64_t>();
  if (!is_side(header.columns) || !is_side(header.rows)) return std::nullopt;
  const std::int64_t seconds = json.value("timestamp", std::int64_t{0});
  if (seconds > 0 && seconds < (std::int64_t{1} << 40)) header.begun = WallTime{Seconds{seconds}};
  header.title = json.value("title", std::string());
  return header;
} catch (const std::exception&) {
  return std::nullopt;
}

std::optional<CastEvent> parse_cast_event(std::string_view line) try {
  const Json json = parse_json_strictly(line, "an event of a recording");
  if (!json.is_array() || json.size() != 3) return std::nullopt;
  const double seconds = json.at(0).get<double>();
  if (!(seconds >= 0) || seconds > kLongestSeconds) return std::nullopt;
  CastEvent event;
  event.at = std::chrono::round<Milliseconds>(std::chrono::duration<double>(seconds));
  event.kind = json.at(1).get<std::string>();
  event.data = json.at(2).get<std::string>();
  return event;
} catch (const std::exception&) {
  return std::nullopt;
}

}  // namespace prodaccess
