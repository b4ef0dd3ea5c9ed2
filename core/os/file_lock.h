// The lock behind Files::lock: an open-file-description write lock (fcntl(2), F_OFD_SETLK), which
// dies with its holder, on a file that is never unlinked and says in one line who holds it:
// "PID TOKEN NOTE".
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/os/descriptor.h"
#include "core/os/files.h"

namespace prodaccess {

// Takes over `file`, open for reading and writing. `path` is for messages.
std::unique_ptr<FileLock> take_file_lock(Descriptor file, const std::string& path,
                                         Milliseconds patience, const LockObserver& waiting);

std::optional<LockHolder> read_lock_holder(int file);

// "pid 4711 (ssh): asks for MFA", for people.
std::string describe_holder(const std::optional<LockHolder>& holder);

}  // namespace prodaccess
