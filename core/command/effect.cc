#include "core/command/effect.h"

#include <array>

namespace prodaccess {
namespace {
constexpr std::array<std::string_view, 6> kNames{"read",  "write",     "opaque",
                                                 "exfil", "privilege", "destructive"};
}

std::string_view effect_name(Effect effect) { return kNames.at(static_cast<std::size_t>(effect)); }

std::optional<Effect> parse_effect(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == name) return static_cast<Effect>(i);
  }
  return std::nullopt;
}

}  // namespace prodaccess
