// preview_scope: where the preview of a command would show something else than the command does.
//
// A preview runs here, in the folder and the environment that we have. Threads: pure.
#pragma once

#include "core/command/invocation.h"
#include "core/command/shell/script.h"

namespace prodaccess {

// Takes the previews of `part` and of all in it away.
void drop_previews(Invocation& part);

// Whether what follows `command` in its script runs in another folder or environment.
bool moves_on(const SimpleCommand& command);

}  // namespace prodaccess
