// The supervising parent: runs one child in this terminal as if it had been started by the shell.
//
// The child stays in our process group; its status, signals and job control are its own, and the
// parent mirrors them: what the terminal sends reaches the child by itself and is ignored here,
// what a process sends to us is passed on, and when the child stops so do we. A watcher outside job
// control ends the tree at expiry or revocation also while the parent is stopped. The parent sleeps
// in one poll: no wake-ups while it waits.
//
// Not told apart, since the kernel does not say: a signal that another process sends to our whole
// process group reaches the child twice.
//
// Errors: Error{System}, or a StartFailure for what the shell would answer with 126 or 127. When
// something fails after the start (on_started throws), the tree is killed first.
// Threads: the process must have only one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/os/cast_writer.h"
#include "core/os/child_service.h"
#include "core/os/program.h"
#include "core/os/session_registry.h"
#include "core/os/spawn.h"
#include "core/os/watched_file.h"
#include "core/os/watcher.h"

namespace prodaccess {

struct RunPlan {
  Program program;
  std::vector<std::string> argv;
  ChildEnvironment environment;          // without PRODACCESS_SESSION
  std::string session;                   // marks the tree: PRODACCESS_SESSION in the environment
  std::filesystem::path session_folder;  // where a running session can be found by `revoke`
  std::string grant;                     // these three for the session's file; no secrets
  std::string role;
  std::string summary;
  std::optional<WallTime> deadline;     // the grant's end; absent: none
  Seconds warn_before{60};              // "prodaccess: the grant ends in 60s" on the terminal
  Seconds grace{60};                    // between the stop signals and KILL, at the deadline
  std::vector<int> stop_signals;        // what the pack says ends it well, in order
  bool close_inherited = false;         // class agent gets only descriptors 0 to 2, and `given`
  std::vector<int> given;               // descriptors of ours for the child, ascending
  std::vector<ChildService*> services;  // their variables stand in `environment` already
  // Puts a recorded terminal between the person's and the command's (core/os/pty_relay.h).
  std::optional<RecordingPlan> recording;
  // A change of one of these makes the watcher ask `may_go_on` (in its own process).
  std::vector<WatchedFile> watched_files;
  std::function<bool(const SessionRecord&)> may_go_on;
  // Called when `revoke` can find the session, just before the child starts: the last chance to
  // see that the grant is gone. Throws to stop.
  std::function<void()> before_start;
  // Called once the child runs, before anything is waited for.
  std::function<void(pid_t pid, std::uint64_t start_time)> on_started;
};

struct RunOutcome {
  int wait_status = 0;  // as waitpid gives it
  // "itself", "signal", "expiry", "revocation", "lock", "program_changed".
  std::string ended_by;
  Milliseconds duration{0};
  bool others_remain = false;    // of its tree; the watcher stays with them
  std::string recording_sha256;  // of the recording's file; empty: nothing was recorded

  int exit_code() const;  // the status, or 128+n
};

RunOutcome run_supervised(const RunPlan& plan);

// Ends every process of our uid that belongs to one of `sessions` (TERM, one second, KILL), until a
// scan finds none, and returns what may still be alive, in words.
struct KillReport {
  struct Leftover {
    std::string session;  // "" where it cannot be told
    std::string words;
    bool ours = false;  // of our uid, but it would not die
  };
  int ended = 0;
  std::map<std::string, int> ended_in;  // by session, where it can be told
  Milliseconds took{0};
  std::vector<Leftover> maybe_alive;
};
KillReport end_sessions(const std::filesystem::path& session_folder,
                        const std::vector<std::string>& sessions);

}  // namespace prodaccess
