#include "core/os/program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <set>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/descriptor.h"
#include "core/os/ownership.h"
#include "core/os/spawn.h"

namespace prodaccess {
namespace {

constexpr int kMostLinks = 40;  // as the kernel

std::string shown(const std::filesystem::path& path) { return escape_for_terminal(path.native()); }

[[noreturn]] void fail_changeable(const std::filesystem::path& path, const char* why) {
  throw Error(ErrorCode::Unsafe, shown(path) + " may be changed by others: " + why,
              {"chmod go-w " + shell_quote(shown(path))});
}

// Follows paths one component at a time and refuses any that somebody else could put something
// else in the place of.
class PathWalk {
 public:
  // The path without links; absent: there is no such file.
  std::optional<std::filesystem::path> follow(const std::filesystem::path& path) {
    return follow(std::filesystem::absolute(path), 0);
  }

 private:
  std::optional<std::filesystem::path> follow(const std::filesystem::path& path, int links) {
    std::filesystem::path at = "/";
    check_folder(at);
    for (auto part = ++path.begin(); part != path.end(); ++part) {
      if (part->empty() || *part == ".") continue;
      if (*part == "..") {
        at = at.parent_path();
        continue;
      }
      const std::filesystem::path next = at / *part;
      if (checked_.contains(next.native())) {  // a folder, and no link
        at = next;
        continue;
      }
      struct stat status {};
      if (lstat(next.c_str(), &status) != 0) {
        require_nobody_can_add(at, path);
        return std::nullopt;
      }
      if (S_ISLNK(status.st_mode)) {
        const auto target = follow(at / link_target(next, links), links + 1);
        if (!target) return std::nullopt;
        at = *target;
      } else {
        at = next;
      }
      if (std::next(part) != path.end()) check_folder(at);
    }
    return at;
  }

  static std::filesystem::path link_target(const std::filesystem::path& link, int links) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(link, error);
    if (error || links >= kMostLinks) throw system_error("the link " + shown(link), ELOOP);
    return target;
  }

  void check_folder(const std::filesystem::path& folder) {
    if (!checked_.insert(folder.native()).second) return;
    struct stat status {};
    if (stat(folder.c_str(), &status) == 0) {
      require_safe_folder(status, Owner::RootOrMe, folder.native());
    }
  }

  static void require_nobody_can_add(const std::filesystem::path& folder,
                                     const std::filesystem::path& missing) {
    struct stat status {};
    if (stat(folder.c_str(), &status) != 0 || !changeable_by_others(status)) return;
    throw Error(ErrorCode::Unsafe,
                shown(missing) + " is searched for programs and anybody could make it, since " +
                    shown(folder) + " may be changed by others",
                {"take " + shown(missing) + " out of PATH"});
  }

  std::set<std::string> checked_;
};

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

enum class Candidate { None, NotExecutable, Found };

// What stands at `path`; only its kind and whether it may be executed are looked at.
Candidate look(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return Candidate::None;
  if (S_ISDIR(status.st_mode)) return Candidate::None;
  const bool executable =
      S_ISREG(status.st_mode) && faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
  return executable ? Candidate::Found : Candidate::NotExecutable;
}

Program check_program(const std::filesystem::path& path, PathWalk& walk) {
  static_cast<void>(walk.follow(path));
  const Descriptor file(open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) throw system_error(shown(path), errno);
  require_safe_folder(status, Owner::RootOrMe, path.native());
  if (changeable_by_others(status)) fail_changeable(path, "it is writable by them");
  Program program;
  program.path = path;
  program.device = status.st_dev;
  program.inode = status.st_ino;
  program.size = static_cast<std::uint64_t>(status.st_size);
  program.modified_ns = nanoseconds(status.st_mtim);
  program.changed_ns = nanoseconds(status.st_ctim);
  return program;
}

void check_searched_folder(const std::filesystem::path& folder, PathWalk& walk) {
  const auto real = walk.follow(folder);
  if (!real) return;
  struct stat status {};
  if (stat(real->c_str(), &status) != 0) return;
  require_safe_folder(status, Owner::RootOrMe, folder.native());
  if (changeable_by_others(status)) fail_changeable(folder, "it stands on PATH");
}

std::string system_search_path() {
  std::string path(confstr(_CS_PATH, nullptr, 0), '\0');
  confstr(_CS_PATH, path.data(), path.size());
  path.pop_back();
  return path;
}

[[noreturn]] void fail_not_executable(const std::filesystem::path& path) {
  throw StartFailure(126, ErrorCode::Denied, shown(path) + " may not be executed",
                     {"chmod u+x " + shell_quote(shown(path))});
}

}  // namespace

bool Program::unchanged() const {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && status.st_dev == device && status.st_ino == inode &&
         static_cast<std::uint64_t>(status.st_size) == size &&
         nanoseconds(status.st_mtim) == modified_ns && nanoseconds(status.st_ctim) == changed_ns;
}

std::optional<Program> find_program(const std::string& name, const std::string& search_path) {
  if (name.empty()) return std::nullopt;
  PathWalk walk;
  if (name.find('/') != std::string::npos) {
    switch (look(name)) {
      case Candidate::None: {
        std::error_code ignored;
        if (std::filesystem::exists(name, ignored)) fail_not_executable(name);
        return std::nullopt;
      }
      case Candidate::NotExecutable: fail_not_executable(name);
      case Candidate::Found: return check_program(name, walk);
    }
  }
  std::optional<std::filesystem::path> not_executable;
  for (const std::string& entry :
       split(search_path.empty() ? system_search_path() : search_path, ':')) {
    const std::filesystem::path folder = entry.empty() ? "." : entry;
    check_searched_folder(folder, walk);
    const std::filesystem::path candidate = folder / name;
    const Candidate found = look(candidate);
    if (found == Candidate::Found) return check_program(candidate, walk);
    if (found == Candidate::NotExecutable && !not_executable) not_executable = candidate;
  }
  if (not_executable) fail_not_executable(*not_executable);
  return std::nullopt;
}

std::filesystem::path own_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

}  // namespace prodaccess
