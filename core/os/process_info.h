// ProcessInfo: what /proc tells of a process. A process is named by its id together with its start
// time, since ids are used again.
//
// Errors: none; a process that is gone, or whose file may not be read, is absent.
// Source: proc(5).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace prodaccess {

struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot

  auto operator<=>(const ProcessId&) const = default;
};

struct ProcessInfo {
  ProcessId id;
  std::string name;  // at most 15 bytes, as the process chose it
  char state = '?';  // 'T': stopped, 'Z': ended but not yet waited for
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  int terminal = 0;  // device number of the controlling terminal; 0: none
};

std::optional<ProcessInfo> process_info(pid_t pid);
// As the kernel wrote it in /proc/PID/stat.
std::optional<ProcessInfo> parse_process_stat(const std::string& text);
bool still_runs(const ProcessId& id);  // an ended one that nobody waited for does not

std::vector<pid_t> all_processes();
std::optional<uid_t> process_owner(pid_t pid);              // its real uid
std::optional<std::string> process_environment(pid_t pid);  // NAME=value, each ended by NUL
std::vector<std::string> process_arguments(pid_t pid);
// The path of its program; absent where this process may not look.
std::optional<std::string> process_program(pid_t pid);
// Its children now; absent where the kernel has no such file.
std::optional<std::vector<pid_t>> process_children(pid_t pid);

}  // namespace prodaccess
