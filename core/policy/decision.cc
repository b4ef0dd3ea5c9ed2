#include "core/policy/decision.h"

#include <array>

namespace prodaccess {
namespace {

constexpr std::array<std::string_view, 4> kVerdicts{"allow", "confirm", "approve", "deny"};

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  return kVerdicts.at(static_cast<std::size_t>(verdict));
}

std::optional<Verdict> parse_verdict(std::string_view name) {
  return find_name<Verdict>(kVerdicts, name);
}

}  // namespace prodaccess
