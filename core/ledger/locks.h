// Locks: the list of people, roles and hosts that may have no access now. One signed, numbered text
// that never goes backwards, in a local file, so that a changed file is all it takes to stop
// requests, commands about to start and commands that run:
//
//   prodaccess-locks
//   number 12
//   time 2026-02-12T03:20:11Z
//   lock {"kind":"person","name":"ana","reason":"laptop stolen","until":""}
//
//   - response-team Xk9a...=      (an em dash, the key's name, key id and Ed25519 signature, as in
//                                  https://c2sp.org/signed-note)
//
// LockList is pure. LockGuard reads the file and remembers the highest number it has seen.
// Errors: Error{Locked} for whoever is locked, and where a list that must be heeded cannot be
// believed; Error{Config} for [locks].
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/config_table.h"
#include "core/base/time.h"
#include "core/ledger/checkpoint.h"

namespace prodaccess {

class Files;

struct Lock {
  std::string kind;  // "person", "role", "host" or "all"
  std::string name;  // "" for all
  std::string reason;
  std::optional<WallTime> until;  // absent: until it is taken off

  bool names_the_same(const Lock& other) const { return kind == other.kind && name == other.name; }
};

struct LockSubject {
  std::string person;
  std::string role;
  std::string host;
};

struct LockList {
  std::uint64_t number = 0;
  WallTime time{};
  std::vector<Lock> locks;
  std::string signer;     // the key's name
  std::string key_id;     // 4 bytes
  std::string signature;  // 64 bytes

  std::string body() const;
  std::string text() const;
  bool signed_by(const VerifierKey& key) const;
  // The lock that stops `subject` at `now`, if one does.
  std::optional<Lock> stopping(const LockSubject& subject, WallTime now) const;
};

std::optional<LockList> parse_lock_list(std::string_view text);
void sign_lock_list(LockList& list, const Ed25519Key& key, const std::string& signer);

// [locks] of the configuration.
struct LockSettings {
  std::filesystem::path file;          // "" : the user's own list, in the state folder
  std::vector<VerifierKey> signers;    // empty: the user's own key
  std::optional<Seconds> stale_after;  // how old the list may be
  bool strict = false;                 // refuse where it is missing or stale; else warn
  std::string url;                     // for `locks sync`
};
LockSettings read_lock_settings(ConfigTable table);

class LockGuard {
 public:
  // `files` must outlive the guard. `state` is the state folder.
  LockGuard(Files& files, LockSettings settings, std::filesystem::path state);

  std::filesystem::path file() const;
  const LockSettings& settings() const { return settings_; }
  // Absent: there is no list. Throws for one that is not signed, or older than one seen before.
  std::optional<LockList> load();
  // Throws Error{Locked} where `subject` is stopped. What to warn of, or "".
  std::string check(const LockSubject& subject, WallTime now);
  // Puts a newer list in the file's place, after the same checks. Its number.
  std::uint64_t replace(std::string_view text);
  std::vector<VerifierKey> signers();
  // The user's own key is trusted from now on for the user's own list.
  void trust_own(const VerifierKey& key);

 private:
  LockList believe(std::string_view text);
  // The highest number seen, and the digest of that list and the keys it was checked with. The
  // file is the user's own, as the list's number always was: against the user themselves only a
  // list in a folder of root's helps.
  struct Seen {
    std::uint64_t number = 0;
    std::string digest;
  };
  Seen seen();
  void remember(const Seen& seen);
  Files& files_;
  LockSettings settings_;
  std::filesystem::path state_;
};

}  // namespace prodaccess
