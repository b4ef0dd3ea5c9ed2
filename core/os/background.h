// A process of ours that goes on behind the caller's back: this same program run again with a
// hidden argument, in a session of its own, without a terminal, with nothing open but /dev/null.
//
// Errors: none; where no process can be made nothing is done. Threads: the process must have only
// one.
#pragma once

namespace prodaccess {

// Starts it with `argument` and the caller's environment, and does not wait for it.
void start_in_background(const char* argument);

// What that process does first.
void leave_the_caller();

}  // namespace prodaccess
