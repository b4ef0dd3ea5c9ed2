#include "providers/gcp/token_issuer.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr Seconds kCommonLife{3600};

// What is asked for beside the role's own scopes, so that the token shows whose it is.
std::vector<std::string> with_email(std::vector<std::string> scopes) {
  for (const char* same : {kEmailScope, "email"}) {
    if (std::count(scopes.begin(), scopes.end(), same) != 0) return scopes;
  }
  scopes.emplace_back(kEmailScope);
  return scopes;
}

bool was_asked_for(const std::string& scope, const std::vector<std::string>& asked) {
  if (scope == "openid" || scope == kEmailScope) return true;
  return std::count(asked.begin(), asked.end(), scope) != 0;
}

}  // namespace

TokenIssuer::TokenIssuer(GoogleBaseIdentity& base, GoogleApi& api, const GcpParameters& parameters,
                         TokenObserver on_token)
    : base_(base), api_(api), parameters_(parameters), on_token_(std::move(on_token)) {}

// A base identity that is the account already has its tokens at once.
bool TokenIssuer::impersonates(const GcpTier& tier) {
  if (tier.service_account.empty()) return false;
  return !tier.delegates.empty() || base_.email() != tier.service_account;
}

void TokenIssuer::require_account(const std::string& account, const std::string& expected) const {
  for (const std::string& wanted : {expected, parameters_.account}) {
    if (wanted.empty() || account == wanted) continue;
    throw Error(ErrorCode::Provider,
                "Google issued a token of " +
                    (account.empty() ? std::string("an account that it does not tell")
                                     : escape_for_terminal(account)) +
                    ", not of " + wanted,
                {"nothing was kept"});
  }
}

// Whose token it is; a role that names scopes gets no others, whatever the server likes.
std::string TokenIssuer::check(const GoogleToken& token, const GcpTier& tier,
                               const std::string& expected) {
  const TokenInfo info = api_.token_info(token.token.view());
  require_account(info.email, expected);
  if (!tier.scopes_given) return info.email;
  for (const std::string& scope : info.scopes) {
    if (was_asked_for(scope, tier.scopes)) continue;
    throw Error(ErrorCode::Provider,
                "Google issued a token with a scope that was not asked for: " +
                    escape_for_terminal(scope.substr(0, 200)),
                {"the scopes of this base identity are fixed: impersonate a 'service_account'"});
  }
  return info.email;
}

IssuedToken TokenIssuer::access_token(const GcpTier& tier, Seconds life) {
  const Seconds longest = parameters_.lifetime_extension ? kLongestLife : kCommonLife;
  const Seconds wanted = std::clamp(life, Seconds{1}, longest);
  const bool impersonated = impersonates(tier);
  IssuedToken issued;
  bool known = true;
  if (impersonated) {
    const GoogleToken base = base_.access_token(base_.calling_scopes(), kCommonLife);
    issued.token = api_.generate_access_token(base, tier, with_email(tier.scopes), wanted);
    issued.account = tier.service_account;
  } else {
    const bool fixed = base_.calling_scopes().empty() && !tier.scopes_given;
    issued.token =
        base_.access_token(fixed ? std::vector<std::string>{} : with_email(tier.scopes), wanted);
    issued.account = base_.email();
    known = base_.known_to_token_info();
  }
  on_token_(issued.account, issued.token.expires_at);
  if (known) {
    issued.account = check(issued.token, tier, issued.account);
  } else {
    require_account("", "");
  }
  if (!tier.boundary.empty()) issued.token = api_.downscope(issued.token, tier.boundary);
  return issued;
}

IssuedToken TokenIssuer::id_token(const GcpTier& tier) {
  const bool impersonated = impersonates(tier);
  IssuedToken issued;
  issued.token =
      impersonated ? api_.generate_id_token(base_.access_token(base_.calling_scopes(), kCommonLife),
                                            tier, parameters_.audience)
                   : base_.id_token(parameters_.audience);
  issued.account = email_claim(issued.token.token.view());
  on_token_(issued.account, issued.token.expires_at);
  require_account(issued.account, impersonated ? tier.service_account : base_.email());
  return issued;
}

IssuedToken TokenIssuer::issue(Tier which, Seconds life) {
  const GcpTier& tier = parameters_.tier(which);
  if (parameters_.kind == GcpKind::AccessToken) return access_token(tier, life);
  if (parameters_.kind == GcpKind::IdToken) return id_token(tier);
  IssuedToken issued;
  issued.token = parameters_.kind == GcpKind::Jwt
                     ? base_.self_signed(parameters_.audience, tier.scopes, life)
                     : base_.subject_token();
  issued.account = base_.email();
  on_token_(issued.account, issued.token.expires_at);
  require_account(issued.account, "");
  return issued;
}

}  // namespace prodaccess
