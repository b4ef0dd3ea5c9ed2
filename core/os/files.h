// Files: the file system as the rest of the project needs it, so that tests can give another.
//
// Every path is absolute and opened folder by folder beneath checked descriptors. A folder on the
// way belongs to root or to me and may be changed by nobody else (or is sticky, as /tmp). Links are
// followed only where root made them at the top of the tree (`/home` -> `/data/home`); further down
// links, fifos, devices and files of other owners are refused, never followed or mended
// (follow_links() is for what other tools own). "Nobody else" allows a group only where it is
// root's or my private one. New files are 0600 in folders 0700.
//
// Errors: Error{System} naming path and cause; Error{Unsafe} for owner, mode or kind, with the line
// that mends it. Threads: as const as the file system; one thread a FileLock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

// Whose file this must be to be believed.
enum class Owner { Root, Me, RootOrMe };

// Who holds a lock, as the holder wrote it.
struct LockHolder {
  std::int64_t pid = 0;
  std::string token;  // new each time the lock is taken
  std::string note;   // what it last said with FileLock::note
  bool operator==(const LockHolder&) const = default;
};

// A lock that other processes respect, held until destruction (or the process's death). Its file is
// never unlinked, and keeps the last holder's words.
class FileLock {
 public:
  virtual ~FileLock() = default;
  // What the file said when the lock was taken; absent: this is the first holder.
  virtual const std::optional<LockHolder>& previous() const = 0;
  // Tells those who wait; the words outlive the lock, until the next holder.
  virtual void note(const std::string& text) = 0;
};

// Asked while waiting, at first and whenever what the file says has changed. It may throw, which
// ends the wait.
using LockObserver = std::function<void(const LockHolder&)>;

class Files {
 public:
  virtual ~Files() = default;

  // The whole file, at most `limit` bytes; absent: no such file. Owned as asked and writable by
  // nobody else, checked on the open descriptor. Owner::Root finds nothing where the system layer
  // cannot be trusted.
  virtual std::optional<std::string> read(const std::filesystem::path& path, Owner owner,
                                          std::size_t limit = 16U << 20) = 0;
  // Mine, and readable by nobody else: a key or a token.
  virtual std::optional<Secret> read_secret(const std::filesystem::path& path,
                                            std::size_t limit = 1U << 20) = 0;
  // `path` without links, for files of other tools, which people keep elsewhere and link to
  // (dotfiles): each link must be root's or mine, in folders that nobody else may change. What it
  // leads to is checked when it is read.
  virtual std::filesystem::path follow_links(const std::filesystem::path& path) = 0;
  // For a file or pipe that anybody may have written (named on a command line; links are followed,
  // and the path may be relative). A pipe that says nothing for 30 s is an error.
  virtual std::optional<std::string> read_untrusted(const std::filesystem::path& path,
                                                    std::size_t limit = 16U << 20) = 0;
  // Names of the entries, sorted; absent: no such folder.
  virtual std::optional<std::vector<std::string>> list(const std::filesystem::path& folder,
                                                       Owner owner) = 0;
  // All or nothing, and on the disk when it returns (file and folder synced). The folder must be
  // there. What is there already must be a plain file of mine.
  virtual void write(const std::filesystem::path& path, std::string_view content) = 0;
  // Gone after this, whether it was there or not.
  virtual void remove(const std::filesystem::path& path) = 0;
  // Makes the folder and its missing parents, 0700, mine.
  virtual void make_folder(const std::filesystem::path& folder) = 0;
  // Waits for the lock until `patience` ends: then Error{Busy} naming the holder.
  virtual std::unique_ptr<FileLock> lock(const std::filesystem::path& path, Milliseconds patience,
                                         const LockObserver& waiting = {}) = 0;
  // What the file of a lock says now, held or not; absent: never taken.
  virtual std::optional<LockHolder> last_holder(const std::filesystem::path& lock) = 0;
  // Whether root-owned files are the real root's: seen through the identity uid map. In another one
  // anybody can fake them, so the system layer counts as absent and the caller as an agent.
  virtual bool system_layer_trusted() = 0;
};

// Made once, in cli/context.
std::unique_ptr<Files> make_system_files();

}  // namespace prodaccess
