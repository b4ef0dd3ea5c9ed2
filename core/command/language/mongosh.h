// JavaScript of mongosh and the old mongo shell: methods of db, collections, cursors, rs and sh.
//
// Source: MongoDB manual, "mongosh Methods" and "Database Commands" (7.0). An unknown call is
// opaque.
#pragma once

#include <string_view>

#include "core/command/inner.h"
#include "core/command/understand.h"

namespace prodaccess {

SqlFinding classify_mongosh(std::string_view code, Inner& inner);

}  // namespace prodaccess
