// Program: the file that a name on the command line means, found and checked.
//
// Errors: Error{Unsafe} where the program, or a folder searched before it, may be changed by
// somebody else; StartFailure (126) where the file may not be executed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace prodaccess {

struct Program {
  std::filesystem::path path;  // as found: links are kept, since programs look at their own name
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  // of the inode: that time cannot be set back

  // Whether the file at `path` is, now, the one that was checked.
  bool unchanged() const;
};

// Looks `name` up on `search_path` as a shell does ("": the value of PATH is unset; then the
// system's own default is searched). A name with a slash is a path. Absent: no such command.
std::optional<Program> find_program(const std::string& name, const std::string& search_path);

// The file of the running program.
std::filesystem::path own_program();

}  // namespace prodaccess
