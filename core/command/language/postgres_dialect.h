// PostgreSQL's lexical rules.
#pragma once

#include "core/command/language/sql_lexer.h"

namespace prodaccess {

inline constexpr SqlDialect kPostgresDialect{
    .nested_comments = true, .escape_strings = true, .dollar_quotes = true};

}  // namespace prodaccess
