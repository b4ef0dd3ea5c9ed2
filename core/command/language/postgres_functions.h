// What a call of one of PostgreSQL's functions does.
//
// Functions that the server or a well-known extension brings and that change nothing are listed by
// name; so are those that do something. Any other function is a program of its author's: opaque.
#pragma once

#include <optional>
#include <string_view>

#include "core/command/effect.h"

namespace prodaccess {

struct FunctionRule {
  Effect effect = Effect::Opaque;
  bool known = false;
  bool repeatable = false;  // the same answer for the same rows: fit for a count query
  bool runs_query = false;  // its text argument is a query that it runs
  std::string_view reason;  // "" for a harmless one
};

// `name` without its schema, lower case; `schema` is "" or as written.
FunctionRule postgres_function(std::string_view schema, std::string_view name);

}  // namespace prodaccess
