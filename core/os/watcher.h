// The watcher: a small process beside a session, outside its job control, that ends the session's
// tree when its time is up, when the waiting parent was killed, or when a watched file says so;
// also while the parent is stopped. It is a fork of the parent, which starts faster than a program;
// Secret pages do not come along (core/base/secret.h), nor do the terminal and open files.
//
// It sleeps in one poll: two timers (boot clock and wall clock: whichever comes first), the channel
// to its parent, and the watched files (where the kernel cannot watch them it looks every second).
// When the main child has ended and others of its tree still run, it stays until they end or the
// time is up.
//
// Threads: the parent must have only one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/os/descriptor.h"
#include "core/os/session_registry.h"
#include "core/os/watched_file.h"

namespace prodaccess {

struct WatchPlan {
  SessionRecord session;
  std::filesystem::path session_folder;
  // At the deadline: these in order, evenly over `grace`, then KILL. None: TERM, a second, KILL.
  std::vector<int> stop_signals;
  Seconds grace{60};
  std::vector<WatchedFile> watched_files;
  // Asked when a watched file changed: whether the session may go on. None: it may.
  std::function<bool(const SessionRecord&)> may_go_on;
};

// The running watcher, as its parent holds it. Closing the channel without a word means that the
// parent was killed: the watcher then ends the tree.
class Watcher {
 public:
  // Starts it.
  explicit Watcher(const WatchPlan& plan);
  // Nothing is left to watch: it is ended, and waited for when this process ends.
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  const ProcessId& id() const { return id_; }  // pid 0: it does not run
  // The main child has ended, others remain: the watcher goes on alone.
  void leave_in_charge();
  // It has ended, or is ending the tree: nothing is to be done about it here.
  void forget() { id_.pid = 0; }

 private:
  Descriptor channel_;
  ProcessId id_;
};

inline constexpr const char* kWatcherName = "prodaccess-wtch";  // as ps shows it: 15 bytes

// What the forked process does; returns when there is nothing to watch any more.
void watch(const WatchPlan& plan, Descriptor channel);

}  // namespace prodaccess
