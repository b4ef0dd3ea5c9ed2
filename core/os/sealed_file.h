// A file in memory, without a name in any folder, that can neither grow nor change
// (memfd_create(2)).
//
// Errors: Error{System}. Threads: any.
#pragma once

#include <string_view>

#include "core/os/descriptor.h"

namespace prodaccess {

// Open for reading from its start, mode 0600, close-on-exec. `name` is what /proc shows.
Descriptor sealed_file(const char* name, std::string_view content);

}  // namespace prodaccess
