#include "cli/grant_text.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "cli/context.h"
#include "core/grant/grant_store.h"

namespace prodaccess {
namespace {

Seconds left(Context& context, const Grant& grant) { return grant.left(context.clock().now()); }

// Hours and minutes on the reader's own clock.
std::string clock_time(WallTime time) {
  const std::time_t seconds = std::chrono::duration_cast<Seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 16> buffer{};
  std::strftime(buffer.data(), buffer.size(), "%H:%M", &parts);
  return buffer.data();
}

}  // namespace

std::string short_id(Context& context, const Grant& grant) {
  std::size_t length = 4;
  for (const Grant& other : context.grants().list()) {
    if (other.id == grant.id) continue;
    while (length < grant.id.size() && other.id.compare(0, length, grant.id, 0, length) == 0) {
      ++length;
    }
  }
  return grant.id.substr(0, length);
}

std::string grant_line(Context& context, const Grant& grant) {
  // To the nearest second: what was just asked for reads as it was asked.
  const Seconds rest = left(context, grant) + Seconds{1};
  const Seconds whole = grant.until - grant.from >= rest
                            ? rest
                            : std::chrono::duration_cast<Seconds>(grant.until - grant.from);
  return grant.role + "  " + grant.description.target + "  until " + clock_time(grant.until) +
         " (" + format_duration(whole) + ")  grant " + short_id(context, grant);
}

Json grant_json(Context& context, const Grant& grant) {
  return {{"id", grant.id},
          {"role", grant.role},
          {"provider", grant.provider},
          {"target", grant.description.target},
          {"identity", grant.description.identity},
          {"from", format_rfc3339(grant.from)},
          {"until", format_rfc3339(grant.until)},
          {"seconds_left", left(context, grant).count()},
          {"reason", grant.reason},
          {"ticket", grant.ticket},
          {"store", grant.store},
          {"notes", grant.description.notes}};
}

}  // namespace prodaccess
