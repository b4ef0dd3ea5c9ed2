#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/os/process_info.h"
#include "core/os/watcher.h"

namespace prodaccess {
namespace {

constexpr int kAnswerPatience = 2000;  // ms, for one scan of /proc

[[noreturn]] void run_and_exit(const WatchPlan& plan, Descriptor channel) {
  try {
    watch(plan, std::move(channel));
    _exit(0);
  } catch (...) {
    _exit(1);  // the parent starts another, or ends the tree
  }
}

// The dismissed watcher. It is waited for when this process ends, or starts another: until then
// both have things to do.
class Dismissed {
 public:
  ~Dismissed() { replace(0); }
  void replace(pid_t pid) {
    if (pid_ > 0) static_cast<void>(waitpid(pid_, nullptr, 0));
    pid_ = pid;
  }

 private:
  pid_t pid_ = 0;
};

Dismissed& dismissed() {
  static Dismissed one;
  return one;
}

}  // namespace

Watcher::Watcher(const WatchPlan& plan) {
  dismissed().replace(0);
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw system_error("a channel to the watcher", errno);
  }
  channel_ = Descriptor(ends[0]);
  Descriptor theirs(ends[1]);
  id_.pid = fork();
  if (id_.pid < 0) throw system_error("the session's watcher", errno);
  if (id_.pid == 0) run_and_exit(plan, std::move(theirs));
  if (const auto info = process_info(id_.pid)) id_.start_time = info->id.start_time;
}

Watcher::~Watcher() {
  if (id_.pid <= 0) return;
  kill(id_.pid, SIGKILL);  // our child, not yet waited for: the id is still its own
  dismissed().replace(id_.pid);
}

void Watcher::leave_in_charge() {
  const char word = 'L';  // any byte: left in charge; answered once it knows who remains
  pollfd answer{channel_.get(), POLLIN, 0};
  if (send(channel_.get(), &word, 1, MSG_NOSIGNAL) == 1) {
    poll(&answer, 1, kAnswerPatience);  // until it has seen who remains, as they are still ours
  }
  forget();
}

}  // namespace prodaccess
