#include "core/os/watcher.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/base/error.h"
#include "core/os/clock.h"
#include "core/os/detach.h"
#include "core/os/process_tree.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kRevocationGrace{1000};
constexpr int kChannel = 0;
constexpr int kLookAgain = 1000;  // ms
// A process that holds an inotify descriptor takes 4 ms to end (measured: the kernel waits for its
// readers), so that a command that ends sooner than this is spared it.
constexpr int kBeforeInotify = 100;  // ms

Descriptor timer_at(clockid_t clock, int flags, Milliseconds when) {
  Descriptor timer(timerfd_create(clock, TFD_CLOEXEC));
  const auto ms = std::max<Milliseconds::rep>(when.count(), 1);
  itimerspec spec{};
  spec.it_value = {ms / 1000, ms % 1000 * 1'000'000};
  if (!timer || timerfd_settime(timer.get(), flags, &spec, nullptr) != 0) {
    throw system_error("the watcher's timer", errno);
  }
  return timer;
}

class Watch {
 public:
  explicit Watch(const WatchPlan& plan)
      : plan_(plan), files_seen_(plan.watched_files), tree_(extent()) {
    arm_timers();
  }

  void run() {
    while (const auto reason = wait()) {
      if (*reason == "ended") return remove_session(plan_.session_folder, plan_.session.session);
      end_tree(*reason);
      return finish();
    }
  }

 private:
  ProcessTree::Extent extent() const {
    ProcessTree::Extent extent;
    extent.anchors.insert(plan_.session.supervisor);
    extent.sessions.insert(plan_.session.session);
    return extent;
  }

  void arm_timers() {
    if (!plan_.session.deadline) return;
    const SystemClock clock;
    const Milliseconds wall = plan_.session.deadline->time_since_epoch();
    const Milliseconds left = *plan_.session.deadline - clock.wall_now();
    timers_.push_back(timer_at(CLOCK_BOOTTIME, 0, left));
    timers_.push_back(timer_at(CLOCK_REALTIME, TFD_TIMER_ABSTIME, wall));
  }

  void watch_files() {
    patience_ = -1;
    if (files_seen_.empty()) return;
    files_ = Descriptor(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    for (const WatchedFile& file : files_seen_) {
      // Its folder is watched, since a file is replaced by renaming another over it.
      constexpr auto kChanges =
          IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
      const std::filesystem::path folder = file.path().parent_path();
      if (inotify_add_watch(files_.get(), folder.c_str(), kChanges) < 0) patience_ = kLookAgain;
    }
  }

  // Why the tree is to be ended; "ended" when it ended by itself; absent: nothing to do any more.
  std::optional<std::string> wait() {
    while (true) {
      if (files_changed() && plan_.may_go_on && !plan_.may_go_on(plan_.session)) return "lock";
      std::vector<pollfd> waits;
      for (const Descriptor& timer : timers_) waits.push_back({timer.get(), POLLIN, 0});
      if (!alone_) waits.push_back({kChannel, POLLIN, 0});
      if (files_) waits.push_back({files_.get(), POLLIN, 0});
      const std::size_t fixed = waits.size();
      const std::vector<Descriptor> remaining =
          alone_ ? watch_members() : std::vector<Descriptor>();
      if (alone_ && remaining.empty()) return "ended";
      for (const Descriptor& process : remaining) waits.push_back({process.get(), POLLIN, 0});
      const int ready = poll(waits.data(), waits.size(), patience_);
      if (ready < 0 && errno != EINTR) return "watcher_failed";
      if (ready == 0 && !files_) watch_files();
      if (ready <= 0) continue;
      for (std::size_t i = 0; i < fixed; ++i) {
        if (waits[i].revents == 0) continue;
        if (const auto reason = on_ready(waits[i].fd)) return reason;
      }
    }
  }

  std::optional<std::string> on_ready(int fd) {
    if (fd == kChannel) return on_channel();
    if (files_ && fd == files_.get()) {
      on_files();
      return std::nullopt;
    }
    return "expiry";
  }

  std::optional<std::string> on_channel() {
    char word = 0;
    if (read(kChannel, &word, 1) != 1) return "supervisor_killed";
    alone_ = true;
    tree_.scan();
    static_cast<void>(send(kChannel, &word, 1, MSG_NOSIGNAL));
    return std::nullopt;
  }

  // Something happened in a watched folder; whether it concerns a watched file is asked next.
  void on_files() {
    char events[4096];
    while (read(files_.get(), events, sizeof events) > 0) {
    }
  }

  bool files_changed() {
    bool changed = false;
    for (WatchedFile& file : files_seen_) changed = file.changed() || changed;
    return changed;
  }

  // One descriptor a member, readable when it ends.
  std::vector<Descriptor> watch_members() {
    std::vector<Descriptor> processes;
    for (const TreeMember& member : tree_.scan()) {
      Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, member.info.id.pid, 0)));
      if (process) processes.push_back(std::move(process));
    }
    return processes;
  }

  void end_tree(const std::string& reason) {
    note_ending(plan_.session_folder, plan_.session.session, reason);
    const bool gentle = reason == "expiry" && !plan_.stop_signals.empty();
    const std::vector<int> signals = gentle ? plan_.stop_signals : std::vector<int>{SIGTERM};
    const Milliseconds grace = gentle ? Milliseconds(plan_.grace) : kRevocationGrace;
    for (const int signal : signals) {
      tree_.signal_all(signal);
      if (tree_.wait_until_gone(grace / static_cast<int>(signals.size()))) return;
    }
    tree_.kill_all();
  }

  // A stopped parent is woken, so that it records the end.
  void finish() {
    const ProcessId& parent = plan_.session.supervisor;
    if (alone_ || !still_runs(parent)) {
      return remove_session(plan_.session_folder, plan_.session.session);
    }
    wake_if_stopped(parent);
  }

  const WatchPlan& plan_;
  std::vector<WatchedFile> files_seen_;
  int patience_ = kBeforeInotify;  // ms
  ProcessTree tree_;
  std::vector<Descriptor> timers_;
  Descriptor files_;
  bool alone_ = false;
};

}  // namespace

void watch(const WatchPlan& plan, Descriptor channel) {
  detach({kWatcherName, channel.get(), false});
  channel.release();  // it is descriptor 0 now
  Watch(plan).run();
}

}  // namespace prodaccess
