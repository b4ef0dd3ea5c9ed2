// Pack files: packs.d/*.toml of trusted configuration, which is the system's folder, or the user's
// where there is no system layer. Compiled into the set, before the built-in packs.
//
// Errors: Error{Policy} with FILE:LINE:COLUMN; Error{Unsafe} for owner, mode or kind of a file.
#pragma once

#include "core/grant/config.h"

namespace prodaccess {

class PackSet;

void add_trusted_packs(PackSet& packs, Files& files, const ConfigPaths& paths, bool self_governed);

}  // namespace prodaccess
