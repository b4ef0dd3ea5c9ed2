// Spawn: starts a program without copying this process (clone with CLONE_VM and CLONE_VFORK, as
// posix_spawn does), so that an environment held in Secret pages, which forks do not inherit, can
// be passed on, and a refused execve is known at once with its cause.
//
// Errors: Error{System} when no process can be made; StartFailure for what execve answers.
// Threads: the caller alone runs no risk; all asynchronous signals must be blocked meanwhile.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/secret.h"

namespace prodaccess {

// The program could not be started: the status that a shell gives for it, 126 or 127.
class StartFailure : public Error {
 public:
  StartFailure(int exit_code, ErrorCode code, const std::string& what,
               std::vector<std::string> hints = {})
      : Error(code, what, std::move(hints)), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

// The child's variables, in order: the caller's own as "NAME=value", then those whose values are
// secret. A name stands once.
struct ChildEnvironment {
  std::vector<std::string> plain;
  std::vector<std::pair<std::string, Secret>> secret;
};

// argv and envp as execve takes them; the block holds what is secret in locked pages.
class ExecVectors {
 public:
  // Both must outlive this.
  ExecVectors(const std::vector<std::string>& argv, const ChildEnvironment& environment);
  char* const* argv() const { return argv_.data(); }
  char* const* envp() const { return envp_.data(); }

 private:
  Secret block_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

struct SpawnPlan {
  std::filesystem::path path;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  sigset_t signal_mask{};                   // the child's
  std::optional<rlim_t> core_limit;         // its soft RLIMIT_CORE, cut to the hard one
  bool ignore_broken_pipes = false;         // SIGPIPE; else its default
  bool close_inherited = false;             // keep only descriptors 0 to 2, and `given`
  std::vector<int> given;                   // the child gets these too, under their own numbers
  bool ends_with_parent = false;            // SIGTERM when this process is killed (prctl(2))
  std::optional<int> controlling_terminal;  // new session with this terminal, also as 0 to 2
};

pid_t spawn(const SpawnPlan& plan);

}  // namespace prodaccess
