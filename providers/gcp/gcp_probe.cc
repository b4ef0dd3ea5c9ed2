#include "providers/gcp/gcp_probe.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/gcp/base_identity.h"
#include "providers/gcp/google_api.h"

namespace prodaccess {
namespace {

using State = ProbeFinding::State;

constexpr Seconds kSkew{120};
constexpr Seconds kCommonLife{3600};

ProbeFinding clock_finding(const GoogleApi& api) {
  const auto server = api.server_time();
  if (!server) return {State::Warning, "clock skew", "Google did not tell the time", ""};
  const Seconds skew =
      std::chrono::round<std::chrono::seconds>(std::chrono::abs(*server - api.clock().wall_now()));
  const bool bad = skew > kSkew;
  return {bad ? State::Bad : State::Good, "clock skew", format_duration(skew),
          bad ? "set this machine's clock" : ""};
}

// Whether the first account of the chain may be impersonated: asked of IAM, which issues nothing.
ProbeFinding account_finding(GoogleApi& api, const GoogleToken& base, const GcpTier& tier,
                             const std::string& permission) {
  const std::string& first = tier.delegates.empty() ? tier.service_account : tier.delegates.front();
  const auto has = api.permissions_on(base, first, {permission});
  if (!has) {
    return {State::Warning, "service account " + first, "IAM does not tell whether it may be used",
            "prodaccess request   will show it"};
  }
  const bool may = std::count(has->begin(), has->end(), permission) != 0;
  return {may ? State::Good : State::Bad, "service account " + first,
          may ? "may be impersonated" : "may not be impersonated",
          may ? ""
              : "gcloud iam service-accounts add-iam-policy-binding " + first +
                    " --role roles/iam.serviceAccountTokenCreator --member MEMBER"};
}

void add_accounts(GoogleApi& api, GoogleBaseIdentity& base, const GoogleToken& token,
                  const GcpParameters& parameters, std::vector<ProbeFinding>& findings) {
  const std::string permission = parameters.kind == GcpKind::IdToken
                                     ? "iam.serviceAccounts.getOpenIdToken"
                                     : "iam.serviceAccounts.getAccessToken";
  std::set<std::string> seen;
  for (const GcpTier* tier : {&parameters.wide, parameters.read ? &*parameters.read : nullptr}) {
    if (tier == nullptr || tier->service_account.empty()) continue;
    if (tier->service_account == base.email() && tier->delegates.empty()) continue;
    if (!seen.insert(tier->service_account).second) continue;
    findings.push_back(account_finding(api, token, *tier, permission));
  }
}

ProbeFinding revocation_finding(const GcpParameters& parameters) {
  if (parameters.revoke_login) {
    return {State::Good, "revocation", "revoke ends the login itself", ""};
  }
  return {State::Warning, "revocation",
          "Google takes no token back: each lives up to " +
              std::string(parameters.lifetime_extension ? "12h" : "1h"),
          "ask for short grants; the end for all who use it: gcloud iam service-accounts disable"};
}

}  // namespace

std::vector<ProbeFinding> probe_gcp(const GcpHost& host, const GcpParameters& parameters) {
  GoogleApi api(host.http, host.clock, parameters.endpoints, parameters.quota_project);
  std::vector<ProbeFinding> findings;
  const auto base = make_base_identity(host, api, parameters);
  if (parameters.kind == GcpKind::SubjectToken) {
    base->subject_token();
    findings.push_back({State::Good, "identity", base->words() + ": it has a token", ""});
    findings.push_back(revocation_finding(parameters));
    return findings;
  }
  const GoogleToken token = base->access_token(base->calling_scopes(), kCommonLife);
  std::string who = base->words();
  if (base->known_to_token_info()) {
    const TokenInfo info = api.token_info(token.token.view());
    if (!info.email.empty()) who += " (" + escape_for_terminal(info.email) + ")";
  }
  findings.push_back({State::Good, "reachability", parameters.endpoints.oauth2, ""});
  findings.push_back(clock_finding(api));
  findings.push_back({State::Good, "identity", who, ""});
  add_accounts(api, *base, token, parameters, findings);
  findings.push_back(revocation_finding(parameters));
  return findings;
}

}  // namespace prodaccess
