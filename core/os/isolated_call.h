// An isolated call: work done in a child process of our own and given up after a deadline, for
// libraries that may hang, start threads or keep secrets behind (libsecret with a Secret Service
// that never answers). The child ends with the call, whatever it was doing.
//
// `input` reaches it by a socket, since a Secret's pages are absent in a child; so `work` must not
// touch a Secret that was made before. What it throws as Error is thrown here.
//
// Errors: Error{Busy} at the deadline; Error{System} where the child died or could not be made.
// Threads: the process must have only one.
#pragma once

#include <functional>
#include <string_view>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

Secret run_isolated(std::string_view input, Milliseconds patience,
                    const std::function<Secret(std::string_view input)>& work);

}  // namespace prodaccess
