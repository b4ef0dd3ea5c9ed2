// Helpers on SqlFinding: a finding starts as a read and is only ever raised.
#pragma once

#include <string>
#include <string_view>

#include "core/command/inner.h"
#include "core/command/understand.h"

namespace prodaccess {

SqlFinding harmless_finding();  // a read, nothing found yet

// Makes `finding` at least `effect`. The reason is kept only where it says something new.
void raise(SqlFinding& finding, Effect effect, std::string_view reason);

// Makes `finding` at least opaque, and remembers why; a Limit outlasts every other cause.
void raise_opaque(SqlFinding& finding, OpaqueCause cause, std::string_view reason);

// Adds another part of the same text: the worse effect, all targets and reasons.
void join(SqlFinding& into, const SqlFinding& other);
void join(SqlFinding& into, const Invocation& other);

// Adds `{system, schema, kind, name}` once.
void add_target(SqlFinding& finding, std::string_view system, std::string_view schema,
                std::string_view kind, std::string_view name);

// A command that a shell will read, found inside another language. `reason` says where.
void join_shell(SqlFinding& into, Inner& inner, std::string_view command, std::string_view reason);

}  // namespace prodaccess
