// ProcessTree: every process that belongs to some sessions, and the end of them all.
//
// A process belongs when it descends from an anchor (a waiting prodaccess) or a root (a session's
// child), carries a session's mark in its environment, or was seen to belong before: so double
// forks, new sessions and orphans are found. Cut off are only those that left all three behind
// before they were ever seen.
//
// Errors: none; what could not be ended is in the answer.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/os/process_info.h"

namespace prodaccess {

// The variable that marks a session's processes: the ids of all sessions they are in, outermost
// first, joined by ':'.
inline constexpr const char* kSessionVariable = "PRODACCESS_SESSION";

// The innermost of `sessions` that the environment of a process is marked with; "" for none.
std::string session_mark(pid_t pid, const std::set<std::string>& sessions);

struct TreeMember {
  ProcessInfo info;
  uid_t owner = 0;
  bool ours = false;  // of our uid, so that it may be signalled
};

class ProcessTree {
 public:
  struct Extent {
    std::set<ProcessId> anchors;  // their descendants belong, they themselves do not
    std::set<ProcessId> roots;
    std::set<std::string> sessions;
    std::set<ProcessId> spared;  // never touched: ourselves, the watchers
  };
  explicit ProcessTree(Extent extent);

  // Those that run now.
  std::vector<TreeMember> scan();
  // Sends `signal` to all of ours, and wakes those that are stopped so that they can act on it.
  void signal_all(int signal);
  // Waits until none of ours runs; false: some do after `patience`.
  bool wait_until_gone(Milliseconds patience);
  // Stops, scans and kills until a scan finds none of ours; false: some cannot be killed.
  bool kill_all();

 private:
  bool freeze();
  bool carries_mark(const ProcessId& id);

  Extent extent_;
  std::set<ProcessId> seen_;
  std::set<ProcessId> strangers_;
};

// Sends `signal` if the process is still that one.
bool send_signal(const ProcessId& id, int signal);
// Continues it if job control has stopped it.
void wake_if_stopped(const ProcessId& id);

}  // namespace prodaccess
