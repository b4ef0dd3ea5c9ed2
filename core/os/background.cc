#include "core/os/background.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "core/base/error.h"
#include "core/os/descriptor.h"
#include "core/os/environment.h"
#include "core/os/harden.h"
#include "core/os/spawn.h"

namespace prodaccess {

void start_in_background(const char* argument) {
  const Descriptor nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing) return;
  ChildEnvironment environment;
  for (const std::string_view entry : caller_environment()) environment.plain.emplace_back(entry);
  const std::vector<std::string> argv{"prodaccess", argument};
  const ExecVectors vectors(argv, environment);
  SpawnPlan plan;
  plan.path = "/proc/self/exe";
  plan.argv = vectors.argv();
  plan.envp = vectors.envp();
  plan.standard_input = nothing.get();
  sigemptyset(&plan.signal_mask);
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  try {
    spawn(plan);
  } catch (const Error&) {
    // The next command starts another.
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return;
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

void leave_the_caller() {
  setsid();
  const int nothing = open("/dev/null", O_RDWR);
  for (const int fd : {0, 1, 2}) {
    if (nothing >= 0) dup2(nothing, fd);
  }
  static_cast<void>(syscall(SYS_close_range, 3U, ~0U, 0U));
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  harden_process();
  if (chdir("/") != 0) return;
}

}  // namespace prodaccess
