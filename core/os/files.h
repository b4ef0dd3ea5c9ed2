// Files: the file system as the rest of the project needs it, so that tests can give another.
//
// Every path is opened beneath checked folders: links, fifos, devices and files of other owners are
// refused, never followed or mended. New files are 0600 in folders 0700.
//
// Errors: Error{System} naming path and cause; Error{Unsafe} for owner, mode or kind.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace prodaccess {

// Whose file this must be to be believed.
enum class Owner { Root, Me, RootOrMe };

// A lock that other processes respect, held until destruction. Its file is never unlinked.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class Files {
 public:
  virtual ~Files() = default;

  // The whole file, at most `limit` bytes; absent: no such file. Owned as asked and writable by
  // nobody else, checked on the open descriptor.
  virtual std::optional<std::string> read(const std::filesystem::path& path, Owner owner,
                                          std::size_t limit = 16U << 20) = 0;
  // The same for a file that anybody may have written (named on a command line).
  virtual std::optional<std::string> read_untrusted(const std::filesystem::path& path,
                                                    std::size_t limit = 16U << 20) = 0;
  // Names of the entries, sorted; absent: no such folder.
  virtual std::optional<std::vector<std::string>> list(const std::filesystem::path& folder,
                                                       Owner owner) = 0;
  // All or nothing, and on the disk when it returns (file and folder synced).
  virtual void write(const std::filesystem::path& path, std::string_view content) = 0;
  // Gone after this, whether it was there or not.
  virtual void remove(const std::filesystem::path& path) = 0;
  // Makes the folder and its missing parents, 0700, mine.
  virtual void make_folder(const std::filesystem::path& folder) = 0;
  // Waits for the lock until `patience` ends: then Error{Busy} naming the holder.
  virtual std::unique_ptr<FileLock> lock(const std::filesystem::path& path,
                                         Milliseconds patience) = 0;
};

// `trust_foreign_uid_map` is for tests. Made once, in cli/context.
std::unique_ptr<Files> make_system_files();

}  // namespace prodaccess
