// The functions that servers bring, for the dialects that are judged by a lexer.
#pragma once

#include <string_view>

#include "core/command/effect.h"

namespace prodaccess {

// Names in lower case. Opaque: not one of the server's, so the code of somebody else.
Effect mysql_function(std::string_view name);
Effect sqlite_function(std::string_view name);
Effect bigquery_function(std::string_view name);
Effect general_function(std::string_view name);

}  // namespace prodaccess
