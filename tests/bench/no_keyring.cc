// no_keyring COMMAND ARGUMENT...: runs COMMAND as in a default container: the kernel's key calls
// fail with EPERM (or, with NO_KEYRING_ERRNO=N, with that errno) by a seccomp filter, and no D-Bus
// is to be found. Other calls can be made to fail too, by number: NO_KEYRING_ALSO="74,75".
//
// See seccomp(2). The filter goes by the call numbers of this build; it is no sandbox.

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

std::vector<long> refused_calls() {
  std::vector<long> calls{SYS_add_key, SYS_request_key, SYS_keyctl};
  const char* also = std::getenv("NO_KEYRING_ALSO");
  while (also != nullptr && *also != '\0') {
    char* end = nullptr;
    calls.push_back(std::strtol(also, &end, 10));
    if (end == also) break;
    also = *end == ',' ? end + 1 : end;
  }
  return calls;
}

bool install_filter(const std::vector<long>& calls, unsigned problem) {
  std::vector<sock_filter> program;
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const long call : calls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (problem & SECCOMP_RET_DATA)));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: no_keyring COMMAND ARGUMENT...\n");
    return 2;
  }
  const char* wanted = std::getenv("NO_KEYRING_ERRNO");
  const unsigned problem = wanted == nullptr ? EPERM : static_cast<unsigned>(std::atoi(wanted));
  if (!install_filter(refused_calls(), problem)) {
    std::fprintf(stderr, "no_keyring: no filter: %s\n", std::strerror(errno));
    return 125;
  }
  unsetenv("DBUS_SESSION_BUS_ADDRESS");
  unsetenv("XDG_RUNTIME_DIR");
  execvp(argv[1], argv + 1);
  std::fprintf(stderr, "no_keyring: %s: %s\n", argv[1], std::strerror(errno));
  return errno == ENOENT ? 127 : 126;
}
