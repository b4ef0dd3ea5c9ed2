// Effect: what a command does to the world, from worst to best, and the sets of effects that roles
// name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace prodaccess {

// The order is the severity: a compound reports the most severe of its parts. The definitions are
// in prodaccess-policy(5), EFFECTS.
enum class Effect : std::uint8_t { Read, Write, Opaque, Exfil, Privilege, Destructive };

std::string_view effect_name(Effect effect);  // "read", ...
std::optional<Effect> parse_effect(std::string_view name);

// The more severe of two.
constexpr Effect worse(Effect a, Effect b) { return a < b ? b : a; }

// A set of effects.
class EffectSet {
 public:
  constexpr EffectSet() = default;
  constexpr void insert(Effect effect) {
    bits_ = static_cast<std::uint8_t>(bits_ | (1U << static_cast<unsigned>(effect)));
  }
  constexpr bool contains(Effect effect) const {
    return ((bits_ >> static_cast<unsigned>(effect)) & 1U) != 0;
  }
  static constexpr EffectSet all() {
    EffectSet set;
    set.bits_ = 0x3f;
    return set;
  }
  constexpr bool operator==(const EffectSet&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

}  // namespace prodaccess
