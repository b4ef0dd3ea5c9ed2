// The supervising parent: runs one child in this terminal as if it had been started by the shell.
//
// The child stays in our process group; its status, signals and job control are its own, and the
// parent mirrors them. A watcher outside job control ends the tree at expiry or revocation also
// while the parent is stopped. The parent sleeps in one poll: no wake-ups while it waits.
//
// Errors: Error{System}, or a StartFailure for what the shell would answer with 126 or 127.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/os/child_service.h"

namespace prodaccess {

// The program that a name on the command line means, found and checked on its descriptor.
struct Program {
  std::filesystem::path path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
};

// Looks `name` up on `search_path` ("" means: the value of PATH is unset). Absent: no such command.
// Throws Error{Unsafe} where the program or a folder searched before it may be changed by others,
// and Error{Denied} where the file cannot be executed.
std::optional<Program> find_program(const std::string& name, const std::string& search_path);

// The child's variables, in order; the values may be secret.
using ChildEnvironment = std::vector<std::pair<std::string, Secret>>;

struct RunPlan {
  Program program;
  std::vector<std::string> argv;
  ChildEnvironment environment;
  std::string session;                   // marks the tree: PRODACCESS_SESSION in the environment
  std::filesystem::path session_folder;  // where a running session can be found by `revoke`
  std::optional<WallTime> deadline;      // the grant's end; absent: none
  Seconds warn_before{60};               // "prodaccess: the grant ends in 60s" on the terminal
  Seconds grace{60};                     // between the stop signal and KILL, at the deadline
  std::vector<int> stop_signals;         // what the pack says ends it well, in order
  bool close_inherited = false;          // class agent gets only descriptors 0 to 2
  std::vector<ChildService*> services;
  // Called once the child runs, before anything is waited for.
  std::function<void(pid_t pid, std::uint64_t start_time)> on_started;
};

struct RunOutcome {
  int wait_status = 0;   // as waitpid gives it
  std::string ended_by;  // "itself", "signal", "expiry", "revocation", "program_changed"
  Milliseconds duration{0};
  int exit_code() const;  // the status, or 128+n
};

RunOutcome run_supervised(const RunPlan& plan);

// Ends every process of our uid that carries one of `sessions` (TERM, one second, KILL), until a
// scan finds none, and returns what may still be alive, in words.
struct KillReport {
  int ended = 0;
  Milliseconds took{0};
  std::vector<std::string> maybe_alive;
};
KillReport end_sessions(const std::filesystem::path& session_folder,
                        const std::vector<std::string>& sessions);

}  // namespace prodaccess
