// nesting: what a command of ours may have inside a session of `exec` or `shell`: the session's own
// grant, and nothing more.
#pragma once

#include <optional>
#include <string>

#include "core/os/session_registry.h"

namespace prodaccess {

class Context;

// The running session that this process belongs to, by the mark in its environment; the innermost.
std::optional<SessionRecord> enclosing_session(Context& context);

// Throws Error{Denied} inside a session: `what` would give more than it has.
void refuse_nested(Context& context, const std::string& what);

}  // namespace prodaccess
