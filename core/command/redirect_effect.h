// What the redirects of a command do to files.
#pragma once

#include "core/command/invocation.h"
#include "core/command/shell/script.h"

namespace prodaccess {

// Raises `part`, the understanding of the command's words, by what its redirects do. A redirect
// that writes new content is a write; one that only empties a file is destructive.
void judge_redirects(const SimpleCommand& command, Invocation& part);

// Raises to `effect` for `reason`; never lowers.
void raise(Invocation& part, Effect effect, OpaqueCause cause, std::string reason);

}  // namespace prodaccess
