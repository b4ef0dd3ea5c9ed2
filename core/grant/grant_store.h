// GrantStore: the grants of this user, and their credentials.
//
// Public data of a grant is a small state file; its credential lies in an EphemeralStore under
// "GRANT:TIER". The file is written after the keyring, so a grant that is listed can be used.
//
// Errors: Error{System} for the state folder, Error{Keyring} for the store, Error{NoGrant} from
// `only`. Processes: each change takes the state lock, never held across a prompt or the network.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/grant/grant.h"
#include "core/os/clock.h"
#include "core/os/files.h"
#include "core/os/store.h"

namespace prodaccess {

class GrantStore {
 public:
  // All must outlive the store. `folder` is the state folder's "grants".
  GrantStore(Files& files, const Clock& clock, std::filesystem::path folder);

  // Touch no keyring.
  std::vector<Grant> list();  // all, live or not, oldest first
  std::vector<Grant> live();
  std::optional<Grant> find(const std::string& id_or_prefix);  // ambiguous: Error{Usage}
  std::optional<Grant> live_for_key(const std::string& request_key);

  // Keyring first; where the state file then cannot be written the keyring's part is taken back.
  void put(const Grant& grant, const Credential& credential, EphemeralStore& store);
  // For a grant that lives: a new credential of the tier, its handle kept with the others.
  // Error{NoGrant} where the grant ended meanwhile; then nothing is kept.
  void put_credential(const Grant& grant, const Credential& credential, EphemeralStore& store);
  // The handle of a credential that is kept nowhere. Error{NoGrant} as above.
  void add_handle(const Grant& grant, const std::string& handle);
  // Where a grant's base session is kept: gone with the grant.
  static std::string base_session_key(const Grant& grant);
  // Absent also where both clocks say that it has ended, or will in a moment.
  std::optional<Credential> credential(const Grant& grant, Tier tier, EphemeralStore& store);
  // A longer life for a grant, by `renew`: replaces its public data. Error{NoGrant} as above.
  void update(const Grant& grant);
  // Marks the grant revoked (watchers and other commands see that at once), with all of it still to
  // be ended (`note_rest`), then erases the credentials of both tiers. One that has expired is
  // forgotten.
  void end(const Grant& grant, EphemeralStore& store);
  // What is left to be ended of a revoked grant: these handles, or something else; or nothing.
  void note_rest(const std::string& id, const std::vector<std::string>& handles, bool unfinished);

 private:
  std::filesystem::path file_of(const std::string& id) const;
  std::optional<Grant> read(const std::string& id);
  std::unique_ptr<FileLock> lock();
  Grant require_live(const Grant& grant);  // as it is now, under the lock
  // The same text again is the same grant: a command looks several times whether it lives.
  struct Parsed {
    std::string text;
    Grant grant;
  };
  Files& files_;
  const Clock& clock_;
  std::filesystem::path folder_;
  std::map<std::string, Parsed> parsed_;
};

}  // namespace prodaccess
