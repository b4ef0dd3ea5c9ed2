#include "core/os/checked_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <deque>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/ownership.h"

namespace prodaccess {
namespace {

// Links further down than this are refused: `/home` and `/home/alice` may be links of root's.
constexpr int kDeepestLinkFolder = 1;
constexpr int kMostLinks = 8;
constexpr std::size_t kMostOpen = 64;

[[noreturn]] void fail_kind(const std::filesystem::path& path, const std::string& kind) {
  throw Error(
      ErrorCode::Unsafe, escape_for_terminal(path.string()) + " is " + kind,
      {"look at it, and move it away: ls -ld " + shell_quote(escape_for_terminal(path.string()))});
}

struct stat status_of(int fd, const std::filesystem::path& path) {
  struct stat status {};
  if (fstat(fd, &status) != 0) throw system_error(escape_for_terminal(path.string()), errno);
  return status;
}

// Needs a descriptor open for reading. Some file systems cannot sync a folder and say EINVAL.
void sync_folder(int folder, const std::filesystem::path& path) {
  const Descriptor readable(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable || (fsync(readable.get()) != 0 && errno != EINVAL)) {
    throw system_error("syncing the folder " + escape_for_terminal(path.string()), errno);
  }
}

std::string link_target(int link, const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = readlinkat(link, "", target.data(), target.size());
  if (size <= 0) throw system_error(escape_for_terminal(path), errno);
  target.resize(static_cast<std::size_t>(size));
  return target;
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.back() == '/' ? folder + name : folder + "/" + name;
}

}  // namespace

// Which links are followed: root's at the top of the tree, or root's and mine wherever they are.
enum class CheckedFolders::Links { AtTheTop, OfRootOrMe };

// Goes down one component at a time; `pending_` is what is still to come.
class CheckedFolders::Walk {
 public:
  Walk(Open& known, const std::filesystem::path& target, Owner owner, Missing missing,
       Links links = Links::AtTheTop)
      : known_(known),
        owner_(owner),
        root_only_(owner == Owner::Root),
        missing_(missing),
        followed_(links) {
    if (!target.is_absolute()) {
      throw Error(ErrorCode::Internal, "not an absolute path: " + target.string());
    }
    push_front(target);
    begin();
  }

  // False: something on the way is not there.
  bool run() {
    while (!pending_.empty()) {
      const std::string name = pending_.front();
      pending_.pop_front();
      if (step(name)) continue;
      pending_.push_front(name);
      return false;
    }
    return true;
  }

  std::shared_ptr<const Descriptor> take() { return std::move(current_); }

  // Where it went, and what it did not come to.
  std::filesystem::path place() const {
    std::filesystem::path place = path_;
    for (const std::string& name : pending_) place /= name;
    return place.lexically_normal();
  }

 private:
  // Where no folder of the way is open already, at the root.
  void begin() {
    restart();
    while (!pending_.empty()) {
      const std::string next = joined(path_, pending_.front());
      const auto found = known_.find({root_only_, next});
      if (found == known_.end()) return;
      current_ = found->second;
      path_ = next;
      ++depth_;
      pending_.pop_front();
    }
  }

  void restart() {
    auto root = known_.find({root_only_, "/"});
    if (root == known_.end()) {
      Descriptor opened(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (!opened) throw system_error("/", errno);
      require_safe_folder(status_of(opened.get(), "/"), owner_, "/");
      root =
          known_.insert({{root_only_, "/"}, std::make_shared<const Descriptor>(std::move(opened))})
              .first;
    }
    current_ = root->second;
    path_ = "/";
    depth_ = 0;
  }

  void push_front(const std::filesystem::path& path) {
    std::vector<std::string> names = split(path.native(), '/');
    std::erase_if(names, [](const std::string& name) { return name.empty() || name == "."; });
    pending_.insert(pending_.begin(), names.begin(), names.end());
  }

  bool step(const std::string& name) {
    const std::string path = joined(path_, name);
    Descriptor next(openat(current_->get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!next && errno == ENOENT && missing_ == Missing::Make) next = make(name, path);
    if (!next && errno == ENOENT) return false;
    if (!next) throw system_error(escape_for_terminal(path), errno);
    const struct stat status = status_of(next.get(), path);
    if (S_ISLNK(status.st_mode)) {
      follow(next.get(), status, path);
      return true;
    }
    if (!S_ISDIR(status.st_mode)) {
      if (followed_ == Links::OfRootOrMe && pending_.empty()) return false;  // the file itself
      fail_kind(path, "not a folder");
    }
    require_safe_folder(status, owner_, path);
    current_ = std::make_shared<const Descriptor>(std::move(next));
    if (known_.size() < kMostOpen) known_[{root_only_, path}] = current_;
    path_ = path;
    ++depth_;
    return true;
  }

  Descriptor make(const std::string& name, const std::string& path) const {
    if (mkdirat(current_->get(), name.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      throw system_error("making the folder " + escape_for_terminal(path), errno);
    }
    sync_folder(current_->get(), path_);
    return Descriptor(openat(current_->get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  }

  void follow(int link, const struct stat& status, const std::string& path) {
    const bool trusted = at_the_top(status) ||
                         (followed_ == Links::OfRootOrMe && belongs_to(status, Owner::RootOrMe));
    if (!trusted || ++links_ > kMostLinks) {
      fail_kind(path, "a symbolic link, which is not followed here");
    }
    // It may have been open for long.
    if (followed_ == Links::OfRootOrMe) {
      require_safe_folder(status_of(current_->get(), path_), owner_, path_);
    }
    const std::string target = link_target(link, path);
    if (target.front() == '/') restart();
    push_front(target);
  }

  bool at_the_top(const struct stat& link) const {
    const struct stat folder = status_of(current_->get(), path_);
    return link.st_uid == 0 && depth_ <= kDeepestLinkFolder && folder.st_uid == 0 &&
           !changeable_by_others(folder);
  }

  Open& known_;
  Owner owner_;
  bool root_only_;
  Missing missing_;
  Links followed_;
  std::shared_ptr<const Descriptor> current_;
  std::string path_;
  std::deque<std::string> pending_;
  int depth_ = 0;
  int links_ = 0;
};

std::optional<CheckedFolder> CheckedFolders::open(const std::filesystem::path& folder, Owner owner,
                                                  Missing missing) {
  Walk walk(open_, folder, owner, missing);
  if (!walk.run()) return std::nullopt;
  auto opened = walk.take();
  const struct stat status = status_of(opened->get(), folder);
  if (status.st_nlink == 0) {  // gone since it was opened: perhaps another has taken its place
    open_.clear();
    return open(folder, owner, missing);
  }
  require_safe_folder(status, owner, folder.string());
  return CheckedFolder(std::move(opened), folder);
}

std::filesystem::path CheckedFolders::without_links(const std::filesystem::path& path) {
  Walk walk(open_, path, Owner::RootOrMe, Missing::Absent, Links::OfRootOrMe);
  static_cast<void>(walk.run());
  return walk.place();
}

CheckedFolder::CheckedFolder(std::shared_ptr<const Descriptor> folder, std::filesystem::path path)
    : folder_(std::move(folder)), path_(std::move(path)) {}

std::optional<Descriptor> CheckedFolder::open_file(const std::string& name, int flags,
                                                   unsigned mode) const {
  const std::filesystem::path path = path_ / name;
  // O_NONBLOCK: a fifo must not hold us before it can be seen for what it is.
  Descriptor file(openat(folder_->get(), name.c_str(),
                         flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode));
  if (!file) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == ELOOP) fail_kind(path, "a symbolic link, which is not followed here");
    if (errno == EISDIR || errno == ENXIO) fail_kind(path, "not a plain file");
    throw system_error(escape_for_terminal(path.string()), errno);
  }
  if (!S_ISREG(status_of(file.get(), path).st_mode)) fail_kind(path, "not a plain file");
  return file;
}

void CheckedFolder::sync() const { sync_folder(folder_->get(), path_); }

}  // namespace prodaccess
