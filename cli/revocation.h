// revocation: ends grants and everything under them, and tells the four outcomes apart.
#pragma once

#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/grant/grant.h"
#include "core/grant/provider.h"

namespace prodaccess {

class Context;

struct Revocation {
  Grant grant;
  int processes_ended = 0;
  Milliseconds processes_took{0};        // for all grants that were ended together
  std::vector<std::string> maybe_alive;  // what we cannot kill from here, in words
  std::vector<std::string> stuck;        // ours, but they would not die
  bool keyring_erased = false;
  std::string keyring_error;
  RevokeOutcome provider;
  std::vector<std::string> handles_left;  // that the provider did not take back
  std::uint64_t ledger_record = 0;
  std::string ledger_error;
  int attempts = 0;
  // What the grant kept: to be asked whether it is dead, and so that no message gives it away.
  std::optional<Credential> kept;

  // Something failed that may go well when it is tried again.
  bool failed() const;
  // Nothing of the grant is left.
  bool complete() const { return maybe_alive.empty() && !failed(); }
};

// How far the provider goes: Everything may end what others hold too.
enum class RevokeReach { OwnAlone, Everything };

// Marks all grants first, so that nothing new starts under any; ends all their processes together;
// then each provider is told. A step is tried whatever the others did, and what failed once more at
// the end. What is still left is noted with the grant, for the next `revoke`.
std::vector<Revocation> revoke_grants(Context& context, const std::vector<Grant>& grants,
                                      RevokeReach reach = RevokeReach::OwnAlone);

}  // namespace prodaccess
