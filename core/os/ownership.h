// Ownership: whether somebody else could have written, or could replace, what was opened.
//
// Errors: none but those named. The private group of this user (Debian's user groups: a group that
// bears the user's name and holds nobody else) is looked up once, and only where a group may write.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <string>

#include "core/os/files.h"

namespace prodaccess {

// Whether anybody but its owner may change it: writable by all, or by a group that is neither
// root's nor this user's private one.
bool changeable_by_others(const struct stat& status);

bool belongs_to(const struct stat& status, Owner owner);

// Throws Error{Unsafe} with the `chown` or `chmod` that mends it, unless `status` belongs to
// `owner` and only that owner may change it. `what` names it: the path.
void require_ownership(const struct stat& status, Owner owner, const std::string& what);

// The same for a folder on the way: root's or mine (root's alone for Owner::Root), and sticky where
// others may write. In a foreign uid map folders of unmapped owners pass, as nothing else could.
void require_safe_folder(const struct stat& status, Owner owner, const std::string& what);

// Whether this process sees all uids as they are: `0 0 4294967295` in /proc/self/uid_map.
bool identity_uid_map();

}  // namespace prodaccess
