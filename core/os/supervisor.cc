#include "core/os/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "core/base/error.h"
#include "core/os/clock.h"
#include "core/os/harden.h"
#include "core/os/process_tree.h"
#include "core/os/pty_relay.h"
#include "core/os/session_registry.h"
#include "core/os/signals.h"
#include "core/os/terminal_modes.h"
#include "core/os/watcher.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kQuickCommand{2000};  // one that ends sooner is not warned of the expiry
constexpr int kMostWatchers = 5;

class Supervisor {
 public:
  explicit Supervisor(const RunPlan& plan) : plan_(plan), services_(plan.services) {}

  RunOutcome run() {
    prepare();
    const ExecVectors vectors(plan_.argv, environment_);
    start(vectors);
    try {
      after_start();
      while (!status_) wait();
      reap();
      return finish();
    } catch (...) {
      kill_everything();
      throw;
    }
  }

 private:
  void prepare() {
    if (plan_.recording) {
      relay_.emplace(*plan_.recording, recorded_secrets());
      services_.push_back(&*relay_);
    }
    std::signal(SIGCHLD, SIG_DFL);  // ignored ones are reaped by the kernel, status and all
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    environment_.plain = plan_.environment.plain;
    for (const auto& [name, value] : plan_.environment.secret) {
      environment_.secret.emplace_back(name, value.duplicate());
    }
    if (plan_.session.empty()) return;
    std::string mark = kSessionVariable;
    mark += '=';
    if (const char* outer = std::getenv(kSessionVariable)) mark.append(outer).append(":");
    environment_.plain.push_back(mark + plan_.session);
    record_.session = plan_.session;
    record_.grant = plan_.grant;
    record_.role = plan_.role;
    record_.command = plan_.summary;
    record_.deadline = plan_.deadline;
    if (const auto own = process_info(getpid())) record_.supervisor = own->id;
    file_.emplace(plan_.session_folder, record_);
  }

  std::vector<std::string_view> recorded_secrets() const {
    std::vector<std::string_view> secrets;
    for (const auto& [name, value] : plan_.environment.secret) secrets.push_back(value.view());
    return secrets;
  }

  void start(const ExecVectors& vectors) {
    try {
      if (plan_.before_start) plan_.before_start();
      if (!plan_.program.unchanged()) {
        throw Error(ErrorCode::Denied,
                    plan_.program.path.string() + " was changed after it was checked",
                    {"nothing was run; look who changed it, then run it again"});
      }
      if (fence_.ending_pending()) throw Error(ErrorCode::System, "interrupted before the start");
      SpawnPlan start;
      start.path = plan_.program.path;
      start.argv = vectors.argv();
      start.envp = vectors.envp();
      start.signal_mask = fence_.outer_mask();
      start.ignore_broken_pipes = broken_pipes_were_ignored();
      start.core_limit = 1;  // 0 would still feed a core handler; 1 is its sign to stay away
      start.close_inherited = plan_.close_inherited;
      start.ends_with_parent = file_.has_value();
      start.given = plan_.given;
      if (relay_) start.controlling_terminal = relay_->child_terminal();
      started_ = std::chrono::steady_clock::now();
      child_.pid = spawn(start);
    } catch (...) {
      if (file_) file_->remove();
      throw;
    }
  }

  // The watcher is made while the child's program is still being loaded: it costs the child nothing
  // there, and none of the program's own instructions has run yet. Were this process killed before,
  // the kernel would end the child (SpawnPlan::ends_with_parent).
  void after_start() {
    if (file_) start_watcher();
    if (relay_) relay_->child_started();
    if (!plan_.program.unchanged()) {
      kill(child_.pid, SIGKILL);
      changed_ = true;
    }
    if (const auto info = process_info(child_.pid)) child_ = info->id;
    if (file_) file_->add_processes(child_, watcher_->id());
    if (plan_.on_started) plan_.on_started(child_.pid, child_.start_time);
    arm_warning();
  }

  void start_watcher() {
    WatchPlan watch;
    watch.session = record_;
    watch.session_folder = plan_.session_folder;
    watch.stop_signals = plan_.stop_signals;
    watch.grace = plan_.grace;
    watch.watched_files = plan_.watched_files;
    watch.may_go_on = plan_.may_go_on;
    watcher_ = std::make_unique<Watcher>(watch);
    ++watchers_started_;
  }

  void arm_warning() {
    if (!plan_.deadline) return;
    const WallTime now = SystemClock().wall_now();
    const WallTime when = std::max(*plan_.deadline - plan_.warn_before, now + kQuickCommand);
    if (when >= *plan_.deadline) return;
    warning_ = Descriptor(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    itimerspec spec{};
    const auto ms = when.time_since_epoch().count();
    spec.it_value = {ms / 1000, ms % 1000 * 1'000'000};
    if (timerfd_settime(warning_.get(), TFD_TIMER_ABSTIME, &spec, nullptr) != 0) {
      warning_ = Descriptor();
    }
  }

  void warn() {
    warning_ = Descriptor();
    const auto left = std::chrono::round<Seconds>(*plan_.deadline - SystemClock().wall_now());
    terminal_.show_line("prodaccess: the grant ends in " + format_duration(left));
  }

  void wait() {
    std::vector<pollfd> waits{{fence_.fd(), POLLIN, 0}};
    if (warning_) waits.push_back({warning_.get(), POLLIN, 0});
    const PolledServices served(services_, waits);
    if (poll(waits.data(), waits.size(), -1) < 0) {
      if (errno == EINTR) return;
      throw system_error("waiting for the command", errno);
    }
    if (warning_ && waits[1].revents != 0) warn();
    served.serve(waits);
    while (const auto signal = fence_.next()) on_signal(*signal);
  }

  void on_signal(const signalfd_siginfo& signal) {
    const int number = static_cast<int>(signal.ssi_signo);
    if (number == SIGCHLD) return reap();
    if (number == SIGCONT) return wake_if_stopped(child_);
    if (number == SIGWINCH && relay_ && !sent_by_process(signal)) return relay_->window_changed();
    const bool from_child =
        sent_by_process(signal) && static_cast<pid_t>(signal.ssi_pid) == child_.pid;
    // The terminal tells only the session's leader that it has hung up; and a command on a terminal
    // of its own hears nothing of this one.
    const bool to_us_alone = number == SIGHUP && (relay_ || getsid(0) == getpid());
    if ((sent_by_process(signal) && !from_child) || to_us_alone) send_signal(child_, number);
  }

  void reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
      const bool ended = WIFEXITED(status) || WIFSIGNALED(status);
      if (watcher_ && pid == watcher_->id().pid && ended) replace_watcher();
      if (pid != child_.pid) continue;
      if (ended) status_ = status;
      if (WIFSTOPPED(status)) mirror_stop(WSTOPSIG(status));
    }
    // Nothing would wake us again.
    if (pid < 0 && !status_) throw system_error("waiting for the command", errno);
  }

  void mirror_stop(int signal) {
    const auto now = process_info(child_.pid);
    if (!now || now->state != 'T') return;  // continued meanwhile
    if (file_ && noted_ending(plan_.session_folder, plan_.session)) return;
    fence_.stop_here(signal);
    wake_if_stopped(child_);
  }

  void replace_watcher() {
    watcher_->forget();
    watcher_.reset();
    if (status_) return;
    if (watchers_started_ >= kMostWatchers) {
      throw Error(ErrorCode::System, "the session's watcher was ended again and again");
    }
    start_watcher();
  }

  // Orphans of the tree become our children, so that none is overlooked.
  bool others_remain() const {
    const auto children = process_children(getpid());
    if (!children) return true;
    const pid_t watcher = watcher_ ? watcher_->id().pid : 0;
    return std::any_of(children->begin(), children->end(),
                       [&](pid_t pid) { return pid != watcher && pid != child_.pid; });
  }

  RunOutcome finish() {
    RunOutcome outcome;
    outcome.wait_status = *status_;
    outcome.duration =
        std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - started_);
    outcome.ended_by = changed_ ? "program_changed" : WIFSIGNALED(*status_) ? "signal" : "itself";
    if (relay_) outcome.recording_sha256 = relay_->finish();
    if (WIFSIGNALED(*status_)) terminal_.restore();
    for (ChildService* service : services_) service->child_ended();
    if (file_) end_session(outcome);
    return outcome;
  }

  void end_session(RunOutcome& outcome) {
    if (const auto note = noted_ending(plan_.session_folder, plan_.session)) {
      outcome.ended_by = *note;
    }
    const bool being_ended = outcome.ended_by == "expiry" || outcome.ended_by == "lock";
    while (being_ended && watcher_ && others_remain()) wait();  // it exits once they are dead
    outcome.others_remain = others_remain();
    if (outcome.others_remain && watcher_) return watcher_->leave_in_charge();
    watcher_.reset();
    file_->remove();
  }

  void kill_everything() {
    ProcessTree::Extent extent;
    extent.roots.insert(child_);
    if (const auto own = process_info(getpid())) extent.anchors.insert(own->id);
    if (!plan_.session.empty()) extent.sessions.insert(plan_.session);
    if (watcher_) extent.spared.insert(watcher_->id());
    ProcessTree(std::move(extent)).kill_all();
    watcher_.reset();
    if (file_) file_->remove();
  }

  const RunPlan& plan_;
  SignalFence fence_;
  TerminalModes terminal_;
  std::vector<ChildService*> services_;
  std::optional<PtyRelay> relay_;
  ChildEnvironment environment_;
  SessionRecord record_;
  std::optional<SessionFile> file_;
  std::unique_ptr<Watcher> watcher_;
  int watchers_started_ = 0;
  Descriptor warning_;
  ProcessId child_;
  std::optional<int> status_;
  bool changed_ = false;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace

int RunOutcome::exit_code() const {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

RunOutcome run_supervised(const RunPlan& plan) { return Supervisor(plan).run(); }

}  // namespace prodaccess
