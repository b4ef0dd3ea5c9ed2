#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/checked_folder.h"
#include "core/os/file_lock.h"
#include "core/os/files.h"
#include "core/os/ownership.h"
#include "core/os/random.h"

namespace prodaccess {
namespace {

constexpr int kPipePatienceMs = 30'000;

std::string shown(const std::filesystem::path& path) { return escape_for_terminal(path.string()); }

struct stat status_of(int fd, const std::filesystem::path& path) {
  struct stat status {};
  if (fstat(fd, &status) != 0) throw system_error(shown(path), errno);
  return status;
}

std::size_t size_of(const struct stat& status) { return static_cast<std::size_t>(status.st_size); }

[[noreturn]] void fail_size(const std::filesystem::path& path, std::size_t limit) {
  throw Error(ErrorCode::System,
              shown(path) + " is larger than the " + std::to_string(limit) + " bytes allowed");
}

// Calls read(2) into `buffer` until its end, or the file's, and returns the count.
std::size_t read_some(int fd, char* buffer, std::size_t size, const std::filesystem::path& path) {
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(fd, buffer + filled, size - filled);
    if (got == 0) break;
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLIN, 0};
      if (poll(&ready, 1, kPipePatienceMs) == 0) {
        throw Error(ErrorCode::System, shown(path) + " said nothing for 30 s");
      }
    } else if (errno != EINTR) {
      throw system_error("reading " + shown(path), errno);
    }
  }
  return filled;
}

// `expected` is the size that the file is said to have; it may turn out to be another.
std::string read_all(int fd, const std::filesystem::path& path, std::size_t limit,
                     std::size_t expected) {
  constexpr std::size_t kMostAtOnce = 1U << 16;
  std::size_t step = std::min(expected + 1, kMostAtOnce);
  std::string content;
  while (content.size() <= limit) {
    const std::size_t had = content.size();
    content.resize(had + step);
    const std::size_t got = read_some(fd, content.data() + had, step, path);
    content.resize(had + got);
    if (got < step) break;
    step = kMostAtOnce;
  }
  if (content.size() > limit) fail_size(path, limit);
  return content;
}

void write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put > 0) content.remove_prefix(static_cast<std::size_t>(put));
    if (put < 0 && errno != EINTR) throw system_error("writing " + shown(path), errno);
  }
}

// A file that becomes another one by rename, or goes.
class Replacement {
 public:
  Replacement(const CheckedFolder& folder, const std::string& name)
      : folder_(folder), target_(name) {
    // The name without a suffix is taken over from a writer that was killed; where a living one
    // holds it, we take one of our own.
    if (!claim("." + name + ".new") &&
        !claim("." + name + "." + hex(SystemRandom().bytes(6)) + ".new")) {
      throw Error(ErrorCode::System, "no temporary file could be made in " + shown(folder.path()),
                  {"look at its space and rights: df -h " + shown(folder.path())});
    }
  }
  ~Replacement() {
    if (!name_.empty()) unlinkat(folder_.fd(), name_.c_str(), 0);
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  void fill(std::string_view content) const {
    write_all(file_.get(), content, folder_.path() / target_);
    if (fsync(file_.get()) != 0) {
      throw system_error("syncing " + shown(folder_.path() / target_), errno);
    }
  }

  void put_in_place() {
    if (renameat(folder_.fd(), name_.c_str(), folder_.fd(), target_.c_str()) != 0) {
      throw system_error("replacing " + shown(folder_.path() / target_), errno);
    }
    name_.clear();
    folder_.sync();
  }

 private:
  bool claim(const std::string& name) {
    auto file = folder_.open_file(name, O_RDWR | O_CREAT, S_IRUSR | S_IWUSR);
    if (!file) return false;
    const struct stat opened = status_of(file->get(), folder_.path() / name);
    require_ownership(opened, Owner::Me, (folder_.path() / name).string());
    struct stat named {};
    if (flock(file->get(), LOCK_EX | LOCK_NB) != 0 ||
        fstatat(folder_.fd(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        named.st_ino != opened.st_ino || named.st_dev != opened.st_dev) {
      return false;
    }
    name_ = name;
    file_ = std::move(*file);
    if (ftruncate(file_.get(), 0) != 0) throw system_error("emptying " + shown(name), errno);
    return true;
  }

  const CheckedFolder& folder_;
  std::string target_;
  std::string name_;
  Descriptor file_;
};

class SystemFiles final : public Files {
 public:
  std::optional<std::string> read(const std::filesystem::path& path, Owner owner,
                                  std::size_t limit) override {
    const auto file = open_owned(path, owner);
    if (!file) return std::nullopt;
    return read_all(file->get(), path, limit, size_of(status_of(file->get(), path)));
  }

  std::optional<Secret> read_secret(const std::filesystem::path& path, std::size_t limit) override {
    const auto file = open_owned(path, Owner::Me);
    if (!file) return std::nullopt;
    const struct stat status = status_of(file->get(), path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
      throw Error(ErrorCode::Unsafe, shown(path) + " may be read by others",
                  {"chmod 600 " + shell_quote(shown(path))});
    }
    const std::size_t size = size_of(status);
    if (size > limit) fail_size(path, limit);
    Secret content(size);
    if (read_some(file->get(), content.data(), size, path) != size) {
      throw Error(ErrorCode::System, shown(path) + " changed while it was read");
    }
    return content;
  }

  std::filesystem::path follow_links(const std::filesystem::path& path) override {
    return folders_.without_links(path);
  }

  std::optional<std::string> read_untrusted(const std::filesystem::path& path,
                                            std::size_t limit) override {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::nullopt;
    if (!file) throw system_error(shown(path), errno);
    const struct stat status = status_of(file.get(), path);
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
      throw Error(ErrorCode::Unsafe, shown(path) + " is neither a file nor a pipe");
    }
    return read_all(file.get(), path, limit, size_of(status));
  }

  std::optional<std::vector<std::string>> list(const std::filesystem::path& folder,
                                               Owner owner) override {
    if (owner == Owner::Root && !system_layer_trusted()) return std::nullopt;
    const auto checked = folders_.open(folder, owner);
    if (!checked) return std::nullopt;
    require_ownership(status_of(checked->fd(), folder), owner, folder.string());
    return entries(*checked);
  }

  void write(const std::filesystem::path& path, std::string_view content) override {
    const CheckedFolder folder = folder_of(path);
    const std::string name = path.filename().string();
    if (const auto old = folder.open_file(name, O_RDONLY)) {
      require_ownership(status_of(old->get(), path), Owner::Me, path.string());
    }
    Replacement replacement(folder, name);
    replacement.fill(content);
    replacement.put_in_place();
  }

  void remove(const std::filesystem::path& path) override {
    const auto folder = folders_.open(path.parent_path(), Owner::RootOrMe);
    if (!folder) return;
    if (unlinkat(folder->fd(), path.filename().c_str(), 0) != 0) {
      if (errno == ENOENT) return;
      throw system_error("removing " + shown(path), errno);
    }
    folder->sync();
  }

  void make_folder(const std::filesystem::path& folder) override {
    const auto made = folders_.open(folder, Owner::RootOrMe, Missing::Make);
    require_ownership(status_of(made.value().fd(), folder), Owner::Me, folder.string());
  }

  std::unique_ptr<FileLock> lock(const std::filesystem::path& path, Milliseconds patience,
                                 const LockObserver& waiting) override {
    const CheckedFolder folder = folder_of(path);
    auto file =
        folder.open_file(path.filename().string(), O_RDWR | O_CREAT, S_IRUSR | S_IWUSR).value();
    require_ownership(status_of(file.get(), path), Owner::Me, path.string());
    return take_file_lock(std::move(file), path.string(), patience, waiting);
  }

  std::optional<LockHolder> last_holder(const std::filesystem::path& lock) override {
    const auto file = open_owned(lock, Owner::Me);
    if (!file) return std::nullopt;
    return read_lock_holder(file->get());
  }

  bool system_layer_trusted() override { return identity_uid_map(); }

 private:
  std::optional<Descriptor> open_owned(const std::filesystem::path& path, Owner owner) {
    if (owner == Owner::Root && !system_layer_trusted()) return std::nullopt;
    const auto folder = folders_.open(path.parent_path(), owner);
    if (!folder) return std::nullopt;
    auto file = folder->open_file(path.filename().string(), O_RDONLY);
    if (file) require_ownership(status_of(file->get(), path), owner, path.string());
    return file;
  }

  CheckedFolder folder_of(const std::filesystem::path& path) {
    auto folder = folders_.open(path.parent_path(), Owner::RootOrMe);
    if (!folder) throw system_error(shown(path.parent_path()), ENOENT);
    return std::move(*folder);
  }

  // What writers in progress (or killed) left is nobody's business.
  static bool is_temporary(const std::string& name) {
    return name.size() > 1 && name.front() == '.' && name.ends_with(".new");
  }

  static std::vector<std::string> entries(const CheckedFolder& folder) {
    Descriptor readable(openat(folder.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!readable) throw system_error(shown(folder.path()), errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(readable.get()), closedir);
    if (!stream) throw system_error(shown(folder.path()), errno);
    readable.release();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(stream.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != ".." && !is_temporary(name)) names.push_back(name);
    }
    if (errno != 0) throw system_error(shown(folder.path()), errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  CheckedFolders folders_;
};

}  // namespace

std::unique_ptr<Files> make_system_files() { return std::make_unique<SystemFiles>(); }

}  // namespace prodaccess
