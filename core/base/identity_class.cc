#include "core/base/identity_class.h"

#include <array>

namespace prodaccess {
namespace {
constexpr std::array<std::string_view, 3> kNames{"human", "ci", "agent"};
}

std::string_view identity_class_name(IdentityClass identity) {
  return kNames.at(static_cast<std::size_t>(identity));
}

std::optional<IdentityClass> parse_identity_class(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == name) return static_cast<IdentityClass>(i);
  }
  return std::nullopt;
}

}  // namespace prodaccess
