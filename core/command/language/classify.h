// classify: what a text in a query or script language does. Pure; linear in the text's length.
//
// What does not parse, exceeds a limit or is newer than the grammar is opaque, never an error.
// Evidence of something worse in such a text still raises the effect.
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/understand.h"

namespace prodaccess {

// `inner` is asked about shell commands found inside (`\! rm`, os.system("..."), COPY ... PROGRAM).
SqlFinding classify(Language language, std::string_view text, PostgresParser* postgres,
                    Inner& inner);

}  // namespace prodaccess
