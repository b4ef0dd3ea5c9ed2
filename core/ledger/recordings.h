// Recordings of sessions, as the ledger names them: the record that ends a recorded command says in
// `recording` the file's name, in the folder "recordings" beside the ledger's, and in
// `recording_sha256` its hash.
//
// Errors: Error{Ledger} from reading the ledger, or for a recording that is not the one it names;
// Error{NotFound} where the file is gone.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/asciicast.h"
#include "core/ledger/query.h"

namespace prodaccess {

std::filesystem::path recording_folder(const std::filesystem::path& ledger_folder);

struct RecordedSession {
  std::uint64_t record = 0;  // the one that ends it
  std::string session;
  std::string grant;
  std::string role;
  std::string person;
  std::string ended;  // RFC 3339
  std::string file;   // its name, without folder
  std::string sha256;
};
std::vector<RecordedSession> recorded_sessions(const std::filesystem::path& ledger_folder);

struct RecordingSummary {
  CastHeader header;
  std::uint64_t bytes = 0;
  std::uint64_t events = 0;
  std::uint64_t resizes = 0;
  Milliseconds duration{0};
};
// Reads the whole file and holds it against its hash.
RecordingSummary check_recording(const std::filesystem::path& ledger_folder,
                                 const RecordedSession& recorded);

// Its events in order, until `visit` returns false.
void for_each_event(const std::filesystem::path& ledger_folder, const RecordedSession& recorded,
                    const std::function<bool(const CastEvent&)>& visit);

}  // namespace prodaccess
