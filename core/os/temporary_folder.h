// A private folder in /tmp: for sockets, whose paths may have 107 bytes only, where the runtime
// folder's own path is long. Error{System} where it cannot be made.
#pragma once

#include <cstddef>
#include <filesystem>

namespace prodaccess {

// The longest folder in which a socket with a short name still has a valid path.
inline constexpr std::size_t kLongestSocketFolder = 90;

// "/tmp/prodaccess-XXXXXX": new, 0700, mine. The caller removes it.
std::filesystem::path make_temporary_folder();

}  // namespace prodaccess
