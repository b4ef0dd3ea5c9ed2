// Redis commands as redis-cli reads them: one a line, words quoted as in C or in single quotes.
//
// Source: Redis 7.4 command reference (https://redis.io/commands) and the modules that Redis Stack
// brings. An unknown command is opaque.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/command/understand.h"

namespace prodaccess {

SqlFinding classify_redis(std::string_view text);

}  // namespace prodaccess
