// Netstrings (https://cr.yp.to/proto/netstrings.txt): parts of any bytes, one after the other, as
// "5:hello,". Used where secrets are kept or handed on, since nothing is copied to be parsed.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/base/secret.h"

namespace prodaccess {

Secret encode_netstrings(const std::vector<std::string_view>& parts);

// Views into `bytes`; absent: not a whole number of well-formed netstrings.
std::optional<std::vector<std::string_view>> decode_netstrings(std::string_view bytes);

}  // namespace prodaccess
