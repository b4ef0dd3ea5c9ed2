// Waiting for a socket that a library opened, and keeping what it may buffer small.
//
// Errors: Error{System}. Threads: any.
#pragma once

#include "core/base/time.h"

namespace prodaccess {

enum class SocketWait { Readable, Writable, Either };

// Whether it came about (an error or a hang-up counts: reading tells which) before `patience`
// ended.
bool wait_for_socket(int descriptor, SocketWait what, Milliseconds patience);

// At most about `bytes` wait in the kernel for one read. No error where the system says no.
void limit_receive_buffer(int descriptor, int bytes);

}  // namespace prodaccess
