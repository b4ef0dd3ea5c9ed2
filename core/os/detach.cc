#include "core/os/detach.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "core/base/error.h"

namespace prodaccess {

void detach(const DetachPlan& plan) {
  prctl(PR_SET_NAME, plan.name);
  setsid();
  if (chdir("/") != 0) throw system_error("/", errno);
  const int nothing = open("/dev/null", O_RDWR);
  if (nothing < 0 || dup2(plan.standard_input.value_or(nothing), 0) < 0 || dup2(nothing, 1) < 0 ||
      dup2(nothing, 2) < 0) {
    throw system_error("/dev/null", errno);
  }
  static_cast<void>(syscall(SYS_close_range, 3U, ~0U, 0U));
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  std::signal(SIGTERM, plan.ends_on_term ? SIG_DFL : SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace prodaccess
