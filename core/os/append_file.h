// AppendFolder and AppendFile: the system calls under an append-only log.
//
// Files are opened beneath the folder's descriptor, close-on-exec, never through a link. A folder
// opened to write must be ours and writable by nobody else, and so must its files; one opened to
// read may be a copy that belongs to anybody.
//
// Errors: Error{System} naming path and cause; Error{Unsafe} for owner, mode or kind; Error{Busy}
// for a lock. Threads: one at a time. Units: bytes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/os/descriptor.h"

namespace prodaccess {

class AppendFile {
 public:
  AppendFile(Descriptor fd, std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const;
  // Fewer bytes than asked for only at the end of the file.
  std::string read(std::uint64_t offset, std::size_t count) const;
  std::size_t read_into(std::uint64_t offset, char* buffer, std::size_t count) const;
  // All of it, or an Error; some of it may then stand there.
  void write(std::uint64_t offset, std::string_view bytes);
  void truncate(std::uint64_t size);
  // Data and what is needed to read it back are on the disk. Never repeat it after a failure: the
  // kernel may have dropped the pages that it could not write.
  void sync_data();

 private:
  Descriptor fd_;
  std::filesystem::path path_;
};

class AppendFolder {
 public:
  enum class Access { Write, Read };

  // For Write, makes it and its missing parents, 0700.
  AppendFolder(std::filesystem::path path, Access access);

  const std::filesystem::path& path() const { return path_; }
  // Absent: no such file.
  std::optional<AppendFile> open(const std::string& name) const;
  // An empty file, 0600, in the place of any other of that name.
  AppendFile create(const std::string& name) const;
  void rename(const std::string& from, const std::string& to) const;
  void remove(const std::string& name) const;
  // Entries are on the disk.
  void sync() const;
  std::vector<std::string> names() const;  // sorted
  // Names this very folder: another one made in its place later has another ("" where the file
  // system does not say).
  std::string identity() const;

  // A lock on the file `name`, which is never unlinked; it dies with its holder. Where it is not
  // had within `patience`: Error{Busy} naming the holder's pid.
  class Lock {
   public:
    explicit Lock(Descriptor fd) : fd_(std::move(fd)) {}

   private:
    Descriptor fd_;
  };
  Lock lock(const std::string& name, Milliseconds patience) const;

 private:
  void check(int fd, const std::string& name, bool folder) const;

  std::filesystem::path path_;
  Access access_;
  Descriptor fd_;
};

// Whether process `pid` that started at `start_time` (clock ticks after boot, as /proc says) lives.
bool process_lives(pid_t pid, std::uint64_t start_time);
std::uint64_t process_start_time(pid_t pid);  // 0: no such process

}  // namespace prodaccess
