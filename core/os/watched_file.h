// WatchedFile: a file as it was when it was last looked at, so that what happens to it before, or
// between, those who watch it is not lost.
//
// Errors: none. Threads: as const as the file system.
#pragma once

#include <filesystem>
#include <string>

namespace prodaccess {

class WatchedFile {
 public:
  // As it is now.
  explicit WatchedFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  // Whether anything was done to it since it was last looked at.
  bool changed();

 private:
  std::string stamp() const;  // "" where there is none
  std::filesystem::path path_;
  std::string seen_;
};

}  // namespace prodaccess
