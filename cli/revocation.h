// revocation: ends a grant and everything under it, and tells the four outcomes apart.
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
  Milliseconds processes_took{0};
  std::vector<std::string> maybe_alive;  // what we cannot kill from here, in words
  bool keyring_erased = false;
  std::string keyring_error;
  RevokeOutcome provider;
  std::uint64_t ledger_record = 0;
  std::string ledger_error;

  // Nothing of the grant is left that we could have ended.
  bool complete() const;
};

// Each step is tried whatever the others did. The grant is marked first, so that nothing new
// starts.
Revocation revoke_grant(Context& context, const Grant& grant);

}  // namespace prodaccess
