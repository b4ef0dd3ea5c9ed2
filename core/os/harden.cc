#include "core/os/harden.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace prodaccess {
namespace {

bool ignored_at_start = false;

}  // namespace

bool broken_pipes_were_ignored() { return ignored_at_start; }

void harden_process() {
  ignored_at_start = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
  prctl(PR_SET_DUMPABLE, 0);
  rlimit core{};
  if (getrlimit(RLIMIT_CORE, &core) == 0) {
    core.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &core);
  }
  // Close-on-exec: a child finds closed what was closed for us.
  int fd = 0;
  do {
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  } while (fd >= 0 && fd <= 2);
  if (fd > 2) close(fd);
}

}  // namespace prodaccess
