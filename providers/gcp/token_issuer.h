// TokenIssuer: one token for one tier of a role, from the base identity to the last narrowing, with
// the checks that Google's answer must pass.
//
// Errors: Error{Provider}, Error{Config}. Threads: one.
#pragma once

#include <functional>
#include <string>

#include "providers/gcp/base_identity.h"
#include "providers/gcp/gcp_parameters.h"
#include "providers/gcp/google_api.h"

namespace prodaccess {

struct IssuedToken {
  GoogleToken token;
  std::string account;  // "" where Google does not tell
};

// Told what lives now, and until when, before it is checked.
using TokenObserver = std::function<void(const std::string& account, WallTime expires_at)>;

class TokenIssuer {
 public:
  // All must outlive it.
  TokenIssuer(GoogleBaseIdentity& base, GoogleApi& api, const GcpParameters& parameters,
              TokenObserver on_token);

  // `life`: what is left of the grant.
  IssuedToken issue(Tier tier, Seconds life);

 private:
  IssuedToken access_token(const GcpTier& tier, Seconds life);
  IssuedToken id_token(const GcpTier& tier);
  bool impersonates(const GcpTier& tier);
  std::string check(const GoogleToken& token, const GcpTier& tier, const std::string& expected);
  void require_account(const std::string& account, const std::string& expected) const;

  GoogleBaseIdentity& base_;
  GoogleApi& api_;
  const GcpParameters& parameters_;
  TokenObserver on_token_;
};

}  // namespace prodaccess
