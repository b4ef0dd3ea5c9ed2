// Programs of awk and sed: filters, unless they name a file to write or a command to run.
//
// Sources: POSIX awk and sed; gawk and GNU sed manuals for what they add.
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/language/finding.h"

namespace prodaccess {

void judge_awk(std::string_view program, Inner& inner, SqlFinding& finding);
void judge_sed(std::string_view script, Inner& inner, SqlFinding& finding);

}  // namespace prodaccess
