// Last words: what is said, and the exit status, where no memory is left to report anything the
// usual way. Nothing here allocates. A program that links this also ends so, instead of by an
// abort, when an exception leaves a destructor or any other place that it must not leave.
#pragma once

namespace prodaccess {

// One line (with --json one object) that memory ran out. Returns the exit status.
int say_out_of_memory();

}  // namespace prodaccess
