#include "core/os/append_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/ownership.h"

namespace prodaccess {
namespace {

[[noreturn]] void fail(const std::string& doing, const std::filesystem::path& path) {
  throw system_error(doing + " " + path.string(), errno);
}

[[noreturn]] void fail_kind(const std::filesystem::path& path, const std::string& kind) {
  throw Error(
      ErrorCode::Unsafe, escape_for_terminal(path.string()) + " is " + kind,
      {"look at it, and move it away: ls -ld " + shell_quote(escape_for_terminal(path.string()))});
}

// Makes `path` and its missing parents, each on the disk when this returns.
void make_folders(const std::filesystem::path& path) {
  if (path.empty() || ::access(path.c_str(), F_OK) == 0) return;
  make_folders(path.parent_path());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("making the folder", path);
  const std::filesystem::path above = path.has_parent_path() ? path.parent_path() : ".";
  const Descriptor parent(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() >= 0 && ::fsync(parent.get()) != 0) fail("syncing the folder", above);
}

Error busy(int fd, const std::filesystem::path& path) {
  std::array<char, 16> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
  const std::string pid(text.data(), got > 0 ? std::strcspn(text.data(), "\n") : 0);
  return Error(ErrorCode::Busy,
               path.string() + " is locked" + (pid.empty() ? "" : " by process " + pid),
               {"ps -p " + (pid.empty() ? "PID" : pid)});
}

}  // namespace

AppendFile::AppendFile(Descriptor fd, std::filesystem::path path)
    : fd_(std::move(fd)), path_(std::move(path)) {}

std::uint64_t AppendFile::size() const {
  struct stat info {};
  if (::fstat(fd_.get(), &info) != 0) fail("looking at", path_);
  return static_cast<std::uint64_t>(info.st_size);
}

std::string AppendFile::read(std::uint64_t offset, std::size_t count) const {
  std::string bytes(count, '\0');
  bytes.resize(read_into(offset, bytes.data(), count));
  return bytes;
}

std::size_t AppendFile::read_into(std::uint64_t offset, char* buffer, std::size_t count) const {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(fd_.get(), buffer + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("reading", path_);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void AppendFile::write(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("writing", path_);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
}

void AppendFile::truncate(std::uint64_t size) {
  if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) fail("cutting", path_);
}

void AppendFile::sync_data() {
  if (::fdatasync(fd_.get()) != 0) fail("syncing", path_);
}

AppendFolder::AppendFolder(std::filesystem::path path, Access access)
    : path_(std::move(path)), access_(access) {
  const auto open_it = [this] {
    return Descriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  };
  fd_ = open_it();
  if (fd_.get() < 0 && errno == ENOENT && access == Access::Write) {
    make_folders(path_);
    fd_ = open_it();
  }
  if (fd_.get() < 0 && (errno == ENOTDIR || errno == ELOOP)) {
    fail_kind(path_, "no folder, or a symbolic link, which is not followed here");
  }
  if (fd_.get() < 0) fail("opening the folder", path_);
  check(fd_.get(), "", true);
}

void AppendFolder::check(int fd, const std::string& name, bool folder) const {
  struct stat info {};
  const std::filesystem::path path = name.empty() ? path_ : path_ / name;
  if (::fstat(fd, &info) != 0) fail("looking at", path);
  if (folder ? !S_ISDIR(info.st_mode) : !S_ISREG(info.st_mode)) {
    fail_kind(path, folder ? "not a folder" : "not a plain file");
  }
  if (access_ == Access::Write) require_ownership(info, Owner::Me, path.string());
}

std::optional<AppendFile> AppendFolder::open(const std::string& name) const {
  const int mode = access_ == Access::Write ? O_RDWR : O_RDONLY;
  Descriptor fd(::openat(fd_.get(), name.c_str(), mode | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0 && errno == ENOENT) return std::nullopt;
  if (fd.get() < 0 && errno == ELOOP) {
    fail_kind(path_ / name, "a symbolic link, which is not followed here");
  }
  if (fd.get() < 0 && (errno == EISDIR || errno == ENXIO)) {
    fail_kind(path_ / name, "not a plain file");
  }
  if (fd.get() < 0) fail("opening", path_ / name);
  check(fd.get(), name, false);
  return AppendFile(std::move(fd), path_ / name);
}

AppendFile AppendFolder::create(const std::string& name) const {
  remove(name);
  Descriptor fd(
      ::openat(fd_.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.get() < 0) fail("making", path_ / name);
  return AppendFile(std::move(fd), path_ / name);
}

void AppendFolder::rename(const std::string& from, const std::string& to) const {
  if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) != 0) {
    fail("renaming " + from + " to", path_ / to);
  }
}

void AppendFolder::remove(const std::string& name) const {
  if (::unlinkat(fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    fail("removing", path_ / name);
  }
}

void AppendFolder::sync() const {
  if (::fsync(fd_.get()) != 0) fail("syncing the folder", path_);
}

std::vector<std::string> AppendFolder::names() const {
  const int copy = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) fail("listing", path_);
  DIR* stream = ::fdopendir(copy);
  if (stream == nullptr) {
    ::close(copy);
    fail("listing", path_);
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

std::string AppendFolder::identity() const {
  struct statx info {};
  constexpr unsigned kWanted = STATX_INO | STATX_BTIME;
  if (::statx(fd_.get(), "", AT_EMPTY_PATH, kWanted, &info) != 0) return "";
  if ((info.stx_mask & kWanted) != kWanted) return "";
  return std::to_string(info.stx_dev_major) + ":" + std::to_string(info.stx_dev_minor) + ":" +
         std::to_string(info.stx_ino) + ":" + std::to_string(info.stx_btime.tv_sec) + "." +
         std::to_string(info.stx_btime.tv_nsec);
}

AppendFolder::Lock AppendFolder::lock(const std::string& name, Milliseconds patience) const {
  Descriptor fd(::openat(fd_.get(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.get() < 0) fail("opening the lock", path_ / name);
  check(fd.get(), name, false);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  long pause_us = 50;
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  while (::fcntl(fd.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) fail("locking", path_ / name);
    if (std::chrono::steady_clock::now() >= deadline) throw busy(fd.get(), path_ / name);
    const timespec pause{0, pause_us * 1000};
    ::nanosleep(&pause, nullptr);
    pause_us = std::min(pause_us * 2, 2000L);
  }
  // For the message of whoever waits in vain; a failure costs only that.
  const std::string holder = std::to_string(::getpid()) + "\n";
  if (::pwrite(fd.get(), holder.data(), holder.size(), 0) < 0) errno = 0;
  return Lock(std::move(fd));
}

std::uint64_t process_start_time(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return 0;
  std::array<char, 1024> buffer{};
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size() - 1);
  if (got <= 0) return 0;
  // The name in parentheses may hold anything: count fields from the last ")".
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  std::size_t at = text.rfind(')');
  for (int field = 2; field < 22 && at != std::string_view::npos; ++field) {
    at = text.find(' ', at + 1);
  }
  return at == std::string_view::npos ? 0 : std::strtoull(buffer.data() + at + 1, nullptr, 10);
}

bool process_lives(pid_t pid, std::uint64_t start_time) {
  if (::kill(pid, 0) != 0 && errno == ESRCH) return false;
  const std::uint64_t found = process_start_time(pid);
  return found != 0 && found == start_time;
}

}  // namespace prodaccess
