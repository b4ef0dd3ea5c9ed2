#include "core/os/background.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

namespace prodaccess {
namespace {

constexpr const char* kName = "prodaccess-bg";  // as ps shows it

bool leave_the_caller() {
  prctl(PR_SET_NAME, kName);
  setsid();
  const int nothing = open("/dev/null", O_RDWR);
  for (const int fd : {0, 1, 2}) {
    if (nothing < 0 || dup2(nothing, fd) < 0) return false;
  }
  static_cast<void>(syscall(SYS_close_range, 3U, ~0U, 0U));
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  return chdir("/") == 0;
}

}  // namespace

void start_in_background(const std::function<void()>& work) {
  if (fork() != 0) return;
  try {
    if (leave_the_caller()) work();
    _exit(0);
  } catch (...) {
    _exit(1);
  }
}

}  // namespace prodaccess
