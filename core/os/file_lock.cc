#include "core/os/file_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/random.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestRecord = 512;
// There is no lock call with a deadline, so waiters ask again, at most this often.
constexpr Milliseconds kLongestPause{20};

bool try_lock(int file, const std::string& path) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(file, F_OFD_SETLK, &whole) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  throw system_error("locking " + escape_for_terminal(path), errno);
}

class OpenFileLock final : public FileLock {
 public:
  explicit OpenFileLock(Descriptor file)
      : file_(std::move(file)), previous_(read_lock_holder(file_.get())) {
    token_ = hex(SystemRandom().bytes(8));
    note("");
  }

  const std::optional<LockHolder>& previous() const override { return previous_; }

  // A full disk only costs the words: the lock itself holds.
  void note(const std::string& text) override {
    std::string line = std::to_string(getpid()) + " " + token_ + " " + escape_for_terminal(text);
    line.resize(std::min(line.size(), kLongestRecord - 1));
    line += '\n';
    const ssize_t written = pwrite(file_.get(), line.data(), line.size(), 0);
    if (written > 0) static_cast<void>(ftruncate(file_.get(), written) != 0);
  }

 private:
  Descriptor file_;
  std::optional<LockHolder> previous_;
  std::string token_;
};

[[noreturn]] void fail_busy(const std::string& path, Milliseconds patience,
                            const std::optional<LockHolder>& holder) {
  std::vector<std::string> hints;
  if (holder) hints.push_back("ps -fp " + std::to_string(holder->pid));
  throw Error(ErrorCode::Busy,
              escape_for_terminal(path) + " is still held by " + describe_holder(holder) +
                  " after " + format_duration(std::chrono::ceil<Seconds>(patience)),
              hints);
}

}  // namespace

std::optional<LockHolder> read_lock_holder(int file) {
  std::string line(kLongestRecord, '\0');
  const ssize_t size = pread(file, line.data(), line.size(), 0);
  if (size <= 0) return std::nullopt;
  line.resize(static_cast<std::size_t>(size));
  const std::size_t end = line.find('\n');
  const std::size_t first = line.find(' ');
  if (end == std::string::npos || first >= end) return std::nullopt;
  const std::size_t second = line.find(' ', first + 1);
  if (second >= end) return std::nullopt;
  LockHolder holder;
  const auto [stop, problem] = std::from_chars(line.data(), line.data() + first, holder.pid);
  if (problem != std::errc() || stop != line.data() + first) return std::nullopt;
  holder.token = line.substr(first + 1, second - first - 1);
  holder.note = line.substr(second + 1, end - second - 1);
  return holder;
}

std::string describe_holder(const std::optional<LockHolder>& holder) {
  if (!holder) return "another process";
  std::string text = "pid " + std::to_string(holder->pid);
  std::ifstream file("/proc/" + std::to_string(holder->pid) + "/comm");
  std::string name;
  if (std::getline(file, name)) text += " (" + escape_for_terminal(name) + ")";
  if (!holder->note.empty()) text += ": " + escape_for_terminal(holder->note);
  return text;
}

std::unique_ptr<FileLock> take_file_lock(Descriptor file, const std::string& path,
                                         Milliseconds patience, const LockObserver& waiting) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::optional<LockHolder> told;
  Milliseconds pause{1};
  while (!try_lock(file.get(), path)) {
    const std::optional<LockHolder> holder = read_lock_holder(file.get());
    if (waiting && holder && holder != told) waiting(*holder);
    told = holder;
    if (std::chrono::steady_clock::now() >= deadline) fail_busy(path, patience, holder);
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  return std::make_unique<OpenFileLock>(std::move(file));
}

}  // namespace prodaccess
