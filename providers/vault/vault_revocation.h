// VaultRevocation: ends what a handle names, and looks whether it is dead.
//
// A lease is revoked with `sync`, so that the engine's own failure comes back (the database user
// that could not be dropped), then looked up; a certificate of the pki engine is put on the mount's
// list; the tokens follow, the first of which is the others' parent.
//
// Errors: Error{Provider} where the server cannot be asked. Threads: one.
#pragma once

#include "core/grant/provider.h"
#include "providers/vault/vault_client.h"
#include "providers/vault/vault_handle.h"

namespace prodaccess {

class VaultRevocation {
 public:
  // `token`: whose permissions serve. `own`: the handle's first token itself, where it is known:
  // then it ends itself, which every token may. All must outlive this.
  VaultRevocation(VaultClient& client, std::string_view token, std::string_view own)
      : client_(client), token_(token), own_(own) {}

  RevokeOutcome end(const VaultHandle& handle);

 private:
  void end_lease(const std::string& lease);
  void end_serial(const std::string& mount, const std::string& serial);
  void end_tokens(const std::vector<std::string>& accessors);
  // Absent: it cannot be told.
  std::optional<bool> is_dead(const std::string& accessor);
  void look_for_lease(const std::string& lease);
  VaultCall post(const std::string& path, const std::string& body) const;
  void failed(const std::string& what);

  VaultClient& client_;
  std::string_view token_;
  std::string_view own_;
  std::vector<std::string> done_;
  std::vector<std::string> failures_;
  bool lease_left_to_token_ = false;
};

}  // namespace prodaccess
