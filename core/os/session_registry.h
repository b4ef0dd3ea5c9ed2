// The sessions running now: one small file each in the session folder, so that `status` and
// `revoke` find them, and a note beside it that says why a session is being ended.
//
// The file is written before the child starts and completed once it runs. It holds no secret.
// Errors: Error{System} naming the path; Error{Unsafe} for a folder that is not ours alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/os/descriptor.h"
#include "core/os/process_info.h"

namespace prodaccess {

struct SessionRecord {
  std::string session;  // letters, digits, '-' and '_'
  std::string grant;
  std::string role;
  std::string command;   // for people: shown, never run; without secrets
  ProcessId supervisor;  // the waiting prodaccess
  ProcessId child;       // pid 0: not started yet
  ProcessId watcher;
  std::optional<WallTime> deadline;

  bool running() const;  // one of the three still runs
};

// One session's file, while this process is responsible for it.
class SessionFile {
 public:
  // Makes the folder, 0700, if it is missing.
  SessionFile(const std::filesystem::path& folder, const SessionRecord& record);
  void add_processes(const ProcessId& child, const ProcessId& watcher);
  // Removes it and its note.
  void remove();

 private:
  std::filesystem::path folder_;
  std::string session_;
  Descriptor file_;
};

// All that have a file, also those whose processes ended without removing it. Absent folder: none.
std::vector<SessionRecord> list_sessions(const std::filesystem::path& folder);
void remove_session(const std::filesystem::path& folder, const std::string& session);

// Why a session is ended: "expiry", "revocation", ... The first reason given stays.
void note_ending(const std::filesystem::path& folder, const std::string& session,
                 const std::string& reason);
std::optional<std::string> noted_ending(const std::filesystem::path& folder,
                                        const std::string& session);

// The same record as one line of JSON, and back.
std::string session_record_text(const SessionRecord& record);
SessionRecord parse_session_record(const std::string& text);

}  // namespace prodaccess
