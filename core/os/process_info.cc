#include "core/os/process_info.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "core/base/text.h"
#include "core/os/descriptor.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLargestFile = 4U << 20;

std::string path_of(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

enum class Length {
  OneRecord,  // the kernel writes it at once: what does not fill the room is all of it
  Any,
};

std::optional<std::string> read_whole(const std::string& path, Length length = Length::Any) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string text(1024, '\0');
  std::size_t filled = 0;
  while (true) {
    const ssize_t got = read(file.get(), text.data() + filled, text.size() - filled);
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled < text.size() && length == Length::OneRecord) break;
    if (filled == text.size() && text.size() < kLargestFile) text.resize(text.size() * 4);
    if (filled == text.size()) break;
  }
  text.resize(filled);
  return text;
}

template <typename Number>
bool take_number(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{};
}

// The fields of /proc/PID/stat behind the name, one after the other; "" behind the last.
class StatFields {
 public:
  explicit StatFields(std::string_view text) : left_(text) {}

  std::string_view next() {
    const std::string_view field = left_.substr(0, left_.find(' '));
    left_.remove_prefix(std::min(field.size() + 1, left_.size()));
    return field;
  }

 private:
  std::string_view left_;
};

}  // namespace

std::optional<ProcessInfo> parse_process_stat(const std::string& text) {
  // The name stands in parentheses and may hold any byte, a parenthesis too.
  const std::size_t open_at = text.find('(');
  const std::size_t close_at = text.rfind(')');
  if (open_at == std::string::npos || close_at == std::string::npos || close_at < open_at ||
      close_at + 2 >= text.size()) {
    return std::nullopt;
  }
  StatFields fields(std::string_view(text).substr(close_at + 2));
  ProcessInfo info;
  info.name = text.substr(open_at + 1, close_at - open_at - 1);
  const std::string_view state = fields.next();
  if (state.size() != 1 || !take_number(text, info.id.pid) ||
      !take_number(fields.next(), info.parent) || !take_number(fields.next(), info.group) ||
      !take_number(fields.next(), info.session) || !take_number(fields.next(), info.terminal)) {
    return std::nullopt;
  }
  constexpr int kBeforeStart = 14;  // between fields 7 and 22 of proc(5)
  for (int i = 0; i < kBeforeStart; ++i) fields.next();
  if (!take_number(fields.next(), info.id.start_time)) return std::nullopt;
  info.state = state[0];
  return info;
}

std::optional<ProcessInfo> process_info(pid_t pid) {
  const auto text = read_whole(path_of(pid, "stat"), Length::OneRecord);
  return text ? parse_process_stat(*text) : std::nullopt;
}

bool still_runs(const ProcessId& id) {
  const auto info = process_info(id.pid);
  return info && info->id == id && info->state != 'Z' && info->state != 'X';
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), closedir);
  if (!folder) return pids;
  while (const dirent* entry = readdir(folder.get())) {
    pid_t pid = 0;
    if (take_number(entry->d_name, pid) && pid > 0) pids.push_back(pid);
  }
  return pids;
}

std::optional<uid_t> process_owner(pid_t pid) {
  // The folder's owner is the effective uid, or root's for a process that may not be dumped (as
  // ours are), so the real uid is read.
  const auto text = read_whole(path_of(pid, "status"));
  if (!text) return std::nullopt;
  const std::size_t line = text->find("\nUid:\t");
  uid_t uid = 0;
  if (line == std::string::npos || !take_number(std::string_view(*text).substr(line + 6), uid)) {
    return std::nullopt;
  }
  return uid;
}

std::optional<std::string> process_environment(pid_t pid) {
  return read_whole(path_of(pid, "environ"));
}

std::vector<std::string> process_arguments(pid_t pid) {
  auto text = read_whole(path_of(pid, "cmdline"));
  if (!text || text->empty()) return {};
  if (text->back() == '\0') text->pop_back();
  return split(*text, '\0');
}

std::optional<std::string> process_program(pid_t pid) {
  std::string target(4096, '\0');
  const ssize_t size = readlink(path_of(pid, "exe").c_str(), target.data(), target.size());
  if (size < 0) return std::nullopt;
  target.resize(static_cast<std::size_t>(size));
  return target;
}

std::optional<std::vector<pid_t>> process_children(pid_t pid) {
  const auto text = read_whole(path_of(pid, ("task/" + std::to_string(pid) + "/children").c_str()));
  if (!text) return std::nullopt;
  std::vector<pid_t> children;
  for (const std::string& word : split(*text, ' ')) {
    pid_t child = 0;
    if (take_number(word, child)) children.push_back(child);
  }
  return children;
}

}  // namespace prodaccess
