#include "core/os/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kStackBytes = 64U << 10;
constexpr int kAllSignals = 64;

// Memory that a child borrows as its stack until it has become its program.
class SpawnStack {
 public:
  SpawnStack()
      : bottom_(mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (bottom_ == MAP_FAILED) throw system_error("memory for a child's start", errno);
  }
  ~SpawnStack() { munmap(bottom_, kStackBytes); }
  SpawnStack(const SpawnStack&) = delete;
  SpawnStack& operator=(const SpawnStack&) = delete;
  void* top() const { return static_cast<char*>(bottom_) + kStackBytes; }

 private:
  void* bottom_;
};

// What parent and child share while the child borrows the parent's memory.
struct SharedStart {
  const SpawnPlan* plan;
  int error;
};

// The signal set is the kernel's, of eight bytes: glibc hides its own two signals from sigprocmask.
void set_signal_mask(const sigset_t& mask) {
  static_cast<void>(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, nullptr, kAllSignals / 8));
}

int take_terminal(int terminal) {
  if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) != 0) return errno;
  for (int fd = 0; fd <= 2; ++fd) {
    if (dup2(terminal, fd) < 0) return errno;
  }
  return 0;
}

void limit_core(rlim_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  static_cast<void>(setrlimit(RLIMIT_CORE, &limit));
}

// A stop from the terminal that came since the child exists would stop it before it is the program,
// while the parent waits for that and can neither be stopped nor interrupted.
void drop_pending_stop() {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGTSTP, &ignore, &before);
  sigaction(SIGTSTP, &before, nullptr);
}

void close_range_of(unsigned first, unsigned last) {
  if (first <= last) static_cast<void>(syscall(SYS_close_range, first, last, 0U));
}

// The table of descriptors is the child's own already. `given` is in ascending order.
void pass_descriptors(const SpawnPlan& plan) {
  unsigned first = 3;
  for (const int fd : plan.given) {
    static_cast<void>(fcntl(fd, F_SETFD, 0));
    if (plan.close_inherited) close_range_of(first, static_cast<unsigned>(fd) - 1);
    first = static_cast<unsigned>(fd) + 1;
  }
  if (plan.close_inherited) close_range_of(first, ~0U);
}

// These run on a stack of their own in the parent's memory: system calls only, nothing allocated.
// What they answer is an errno, and only when the program could not be started.
int become_program(const SpawnPlan& plan) {
  if (plan.controlling_terminal) {
    if (const int error = take_terminal(*plan.controlling_terminal)) return error;
  }
  if (plan.ends_with_parent) prctl(PR_SET_PDEATHSIG, SIGTERM);
  std::signal(SIGPIPE, plan.ignore_broken_pipes ? SIG_IGN : SIG_DFL);
  if (plan.core_limit) limit_core(*plan.core_limit);
  pass_descriptors(plan);
  drop_pending_stop();
  set_signal_mask(plan.signal_mask);
  execve(plan.path.c_str(), plan.argv, plan.envp);
  return errno;
}

int run_child(void* argument) {
  auto& shared = *static_cast<SharedStart*>(argument);
  shared.error = become_program(*shared.plan);
  _exit(127);
}

[[noreturn]] void fail_start(const std::filesystem::path& path, int error) {
  const std::string name = escape_for_terminal(path.native());
  const std::string cause = std::strerror(error);
  switch (error) {
    case ENOENT:
      if (access(path.c_str(), F_OK) != 0) {
        throw StartFailure(127, ErrorCode::NotFound, name + ": " + cause);
      }
      throw StartFailure(126, ErrorCode::NotFound,
                         name + ": the interpreter that its first line names is not there");
    case ENOEXEC:
      throw StartFailure(126, ErrorCode::Denied, name + " has no form that this system can run",
                         {"a script needs a first line such as #!/bin/sh"});
    case E2BIG:
      throw StartFailure(126, ErrorCode::System,
                         name + ": arguments and environment are longer than the system takes");
    default: throw StartFailure(126, ErrorCode::Denied, name + ": " + cause);
  }
}

}  // namespace

ExecVectors::ExecVectors(const std::vector<std::string>& argv,
                         const ChildEnvironment& environment) {
  for (const std::string& word : argv) argv_.push_back(const_cast<char*>(word.c_str()));
  argv_.push_back(nullptr);
  std::size_t size = 0;
  for (const auto& [name, value] : environment.secret) size += name.size() + value.size() + 2;
  block_ = Secret(size);
  for (const std::string& entry : environment.plain) {
    envp_.push_back(const_cast<char*>(entry.c_str()));
  }
  char* next = block_.data();
  for (const auto& [name, value] : environment.secret) {
    envp_.push_back(next);
    next = std::copy(name.begin(), name.end(), next);
    *next++ = '=';
    next = std::copy(value.view().begin(), value.view().end(), next);
    *next++ = '\0';
  }
  envp_.push_back(nullptr);
}

pid_t spawn(const SpawnPlan& plan) {
  const SpawnStack stack;
  SharedStart shared{&plan, 0};
  const pid_t pid = clone(run_child, stack.top(), CLONE_VM | CLONE_VFORK | SIGCHLD, &shared);
  if (pid < 0) throw system_error("a new process", errno);
  if (shared.error == 0) return pid;
  static_cast<void>(waitpid(pid, nullptr, 0));
  fail_start(plan.path, shared.error);
}

}  // namespace prodaccess
