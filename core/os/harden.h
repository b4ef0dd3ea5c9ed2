// What this process does for itself before anything else: no core dumps, nobody else's debugger,
// descriptors 0 to 2 never become files of ours, and a reader that went away is an error of the
// write, not a signal.
#pragma once

namespace prodaccess {

// Once, first in main.
void harden_process();

// Whether SIGPIPE was ignored when this process started: its children find it as it was.
bool broken_pipes_were_ignored();

}  // namespace prodaccess
