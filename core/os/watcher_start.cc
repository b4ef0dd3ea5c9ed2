#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/os/spawn.h"
#include "core/os/watcher.h"
#include "core/os/watcher_channel.h"

namespace prodaccess {
namespace {

constexpr int kAnswerPatience = 2000;  // ms, for one scan of /proc

}  // namespace

Watcher::Watcher(const WatchPlan& plan)
    : argv_{"prodaccess", kWatcherArgument}, vectors_(argv_, no_environment_) {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw system_error("a channel to the watcher", errno);
  }
  channel_ = Descriptor(ends[0]);
  theirs_ = Descriptor(ends[1]);
  companion_.plan.path = "/proc/self/exe";
  companion_.plan.argv = vectors_.argv();
  companion_.plan.envp = vectors_.envp();
  sigemptyset(&companion_.plan.signal_mask);
  companion_.plan.standard_input = theirs_.get();
  const std::string text = watch_plan_text(plan) + "\n";
  if (send(channel_.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(text.size())) {
    throw system_error("the watcher's orders", errno);
  }
}

void Watcher::started() {
  theirs_ = Descriptor();
  id_.pid = companion_.pid;
  if (id_.pid <= 0) throw Error(ErrorCode::System, "the session's watcher could not be started");
  if (const auto info = process_info(id_.pid)) id_.start_time = info->id.start_time;
}

void Watcher::start() {
  companion_.pid = spawn(companion_.plan);
  started();
}

Watcher::~Watcher() {
  if (id_.pid == 0) id_.pid = companion_.pid;  // started, but the session's child was not
  if (id_.pid <= 0) return;
  dismiss();
  static_cast<void>(waitpid(id_.pid, nullptr, 0));
}

void Watcher::dismiss() {
  kill(id_.pid, SIGKILL);  // our child, not yet waited for: the id is still its own
}

void Watcher::leave_in_charge() {
  const char word = kLeftInCharge;
  pollfd answer{channel_.get(), POLLIN, 0};
  if (send(channel_.get(), &word, 1, MSG_NOSIGNAL) == 1) {
    poll(&answer, 1, kAnswerPatience);  // until it has seen who remains, as they are still ours
  }
  forget();
}

}  // namespace prodaccess
