// Work that goes on behind the caller's back: in a fork of this process, in a session of its own,
// without a terminal, with nothing open but /dev/null. Nobody waits for it.
//
// Errors: none; where no process can be made nothing is done. Threads: the process must have only
// one.
#pragma once

#include <functional>

namespace prodaccess {

// `work` must make all that it needs itself: descriptors opened before are gone, and so are
// secrets (core/base/secret.h). What it throws ends it.
void start_in_background(const std::function<void()>& work);

}  // namespace prodaccess
