// IdentityClass: what kind of caller this is, from most trusted to least.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace prodaccess {

enum class IdentityClass : std::uint8_t { Human, Ci, Agent };

std::string_view identity_class_name(IdentityClass identity);  // "human", "ci", "agent"
std::optional<IdentityClass> parse_identity_class(std::string_view name);

}  // namespace prodaccess
