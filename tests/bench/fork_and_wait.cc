// The least that a wrapper can do: start the command, wait, return its status. What `exec` costs is
// measured against it.
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

int main(int argc, char** argv) {
  pid_t pid = 0;
  if (argc < 2 || posix_spawnp(&pid, argv[1], nullptr, nullptr, argv + 1, environ) != 0) return 127;
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return 125;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
