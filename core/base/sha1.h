// SHA-1 (FIPS 180-4), for file names that AWS's clients choose by it; it protects nothing.
#pragma once

#include <string>
#include <string_view>

namespace prodaccess {

std::string sha1_hex(std::string_view bytes);

}  // namespace prodaccess
