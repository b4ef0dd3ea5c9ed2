// The preview of an SQL statement that changes rows: the same client, counting the rows instead.
#pragma once

#include <string_view>

#include "core/command/invocation.h"
#include "core/command/word.h"

namespace prodaccess {

// `client`: the words of the psql command that holds `statement` in its only -c or -f: what one
// source leaves behind (a search_path) may change what the next one does. None where it has options
// that are not known here.
Preview count_preview(const Words& client, std::string_view statement,
                      std::string_view count_query);

}  // namespace prodaccess
