// Live sinks: records as they come, to places outside. The ledger itself is the spool: a sink is a
// cursor into it, kept in the state folder, so a dead sink loses nothing and holds up nobody.
//
// Messages are RFC 5424 (one structured element, the record's line as text), journald's native
// fields, or a JSON body {"records":[LINE...]} whose HMAC-SHA-256 over "TIME.BODY" goes before it
// (webhook_signature). Receivers must bear a record twice.
//
// SinkRunner throws Error{System} for its own files only; what a transport throws is noted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/ledger/audit_settings.h"
#include "core/ledger/query.h"
#include "core/os/clock.h"
#include "core/os/sink_transport.h"

namespace prodaccess {

class Files;

// A message longer than `longest` bytes has only the record's number and hash.
std::string syslog_message(const RecordEntry& entry, std::size_t longest = std::string::npos);
std::string journald_message(const RecordEntry& entry);
std::string webhook_body(const std::vector<RecordEntry>& entries);
// The value of the header X-Prodaccess-Signature: "t=SECONDS,v1=HEX".
std::string webhook_signature(std::string_view secret, WallTime time, std::string_view body);

struct SinkProgress {
  std::string name;
  bool required = false;
  std::uint64_t delivered = 0;  // up to this record
  std::uint64_t behind = 0;     // records that wait
  WallTime waiting_since{};     // the time of the oldest of them
  std::string error;            // of the last try; "" where it went well
  WallTime next_try{};          // not before this, after failures

  // It failed, or has not taken what is older than a minute: not merely on its way.
  bool late(WallTime now) const;
};

class SinkRunner {
 public:
  // All must outlive the runner. `state` is the state folder.
  SinkRunner(Files& files, const Clock& clock, std::filesystem::path ledger,
             std::filesystem::path state);

  // Sends what waits, one process at a time. After failures it waits longer each time (1 s to 5
  // min), unless `now`.
  SinkProgress run(const SinkSettings& sink, SinkTransport& transport, bool now);
  // How things stand, without sending.
  SinkProgress progress(const SinkSettings& sink);

 private:
  struct Cursor {
    LedgerPosition position;
    std::uint64_t failures = 0;
    std::int64_t next_try_ms = 0;
    std::string error;
  };
  std::filesystem::path file_of(const SinkSettings& sink, const char* suffix) const;
  SinkProgress run_alone(const SinkSettings& sink, SinkTransport& transport, bool now);
  Cursor read(const SinkSettings& sink);
  void write(const SinkSettings& sink, const Cursor& cursor);
  SinkProgress describe(const SinkSettings& sink, const Cursor& cursor) const;
  Files& files_;
  const Clock& clock_;
  std::filesystem::path ledger_;
  std::filesystem::path state_;
};

}  // namespace prodaccess
