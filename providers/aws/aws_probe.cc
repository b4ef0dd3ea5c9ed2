#include "providers/aws/aws_probe.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/jwt.h"
#include "core/base/text.h"
#include "providers/aws/base_identity.h"
#include "providers/aws/role_session.h"
#include "providers/aws/sts_client.h"
#include "providers/aws/trust_policy.h"

namespace prodaccess {
namespace {

using State = ProbeFinding::State;
using Findings = std::vector<ProbeFinding>;

constexpr Milliseconds kNotableSkew{60'000};
constexpr Seconds kLongestChained{3600};

std::string role_words(const std::string& role_arn) {
  const auto arn = parse_role_arn(role_arn);
  return arn ? arn->name + " in " + arn->account : role_arn;
}

// Whose the token says it is; the signature is AWS's matter.
std::string token_words(const Secret& token) {
  const auto claims = unverified_claims(token.view());
  if (!claims) return "a token that is no JWT";
  return "subject " + escape_for_terminal(text_member(*claims, "sub").substr(0, 200)) + " of " +
         escape_for_terminal(text_member(*claims, "iss").substr(0, 200));
}

ProbeFinding skew_finding(Milliseconds measured) {
  const auto skew = std::chrono::round<Seconds>(std::chrono::abs(measured));
  const bool late = skew >= kNotableSkew;
  return {late ? State::Bad : State::Good, "clock skew", format_duration(skew),
          late ? "timedatectl set-ntp true" : ""};
}

std::string fence_words(const AwsSessionPolicy& policy) {
  std::vector<std::string> fence = policy.policy_arns;
  if (!policy.policy.empty()) fence.emplace_back("a session policy");
  return fence.empty() ? "all that the role may" : "within " + join(fence, ", ");
}

ProbeFinding tier_finding(const AwsParameters& parameters, Tier tier, bool chained) {
  const std::string subject = std::string(tier_name(tier)) + " tier";
  const std::string& role_arn = parameters.role_of(tier);
  if (role_arn.empty()) {
    return {State::Good, subject, "the base identity's own session in " + parameters.account, ""};
  }
  const Seconds limit = parameters.duration.value_or(kLongestChained);
  const bool too_long = chained && limit > kLongestChained;
  return {too_long ? State::Bad : State::Good, subject,
          "sessions of role " + role_words(role_arn) + " of up to " + format_duration(limit) +
              ", " + fence_words(parameters.policy_of(tier)) +
              (too_long ? "; but a role is assumed by a role for 1h at most" : ""),
          too_long ? "duration = \"1h\"   in the role's aws table" : ""};
}

// What makes the source identity and the tags mandatory, to paste.
void add_trust(const AwsParameters& parameters, const std::string& principal, Findings& findings) {
  if (parameters.role_arn.empty()) return;
  const std::string role = role_words(parameters.role_arn);
  if (parameters.source_identity.empty() && parameters.tags.empty()) {
    findings.push_back(
        {State::Warning, "source identity",
         "role " + role + " is assumed without one: CloudTrail does not tell who acted",
         "source_identity = \"{person}\"   in the role's aws table"});
  }
  for (TrustStatement& statement : trust_statements(parameters, principal)) {
    findings.push_back(
        {State::Good, "trust policy",
         "of role " + role + " " + statement.what + " with:", std::move(statement.json)});
  }
}

ProbeFinding revocation_finding(const AwsParameters& parameters) {
  if (parameters.role_arn.empty()) {
    return {State::Warning, "revocation",
            "sessions live until their own end, and nothing denies them",
            "role_arn = \"arn:aws:iam::...:role/...\"   in the role's aws table"};
  }
  const std::string& denier = parameters.clients.revoke.role_arn;
  const Json allow = {
      {"Effect", "Allow"}, {"Action", "iam:PutRolePolicy"}, {"Resource", parameters.role_arn}};
  return {
      State::Warning, "revocation",
      "STS takes no session back, and gives none shorter than 15m; revoke --provider denies the "
      "older ones, signed by " +
          (denier.empty() ? "the base identity" : "role " + role_words(denier)) + ", which needs:",
      canonical_json(allow)};
}

}  // namespace

std::vector<ProbeFinding> probe_aws(AwsHost& host, const AwsParameters& parameters) {
  const std::string region =
      parameters.region.empty() ? region_of_base(host, parameters) : parameters.region;
  const AwsEndpoint endpoint = sts_endpoint(parameters, region);
  StsClient sts(host.http, host.clock, endpoint);
  // A probe asks nobody for a code: the long-term keys themselves are looked at.
  AwsBaseResolver resolver(
      host, parameters, "prodaccess-doctor", sts,
      [](const AwsCredential& keys, const std::string&) { return keys.duplicate(); });
  const BaseIdentity base = resolver.resolve();
  Findings findings{{State::Good, "base identity", base.source, ""}};
  std::string caller;
  if (base.web_token.empty()) {
    caller = sts.get_caller_identity(base.credential).arn;
  } else {
    sts.greet();
  }
  findings.push_back({State::Good, "reachability", endpoint.url, ""});
  findings.push_back({State::Good, "identity",
                      caller.empty() ? token_words(base.web_token) : escape_for_terminal(caller),
                      ""});
  findings.push_back(skew_finding(sts.skew()));
  const bool chained = base.chained || caller.find(":assumed-role/") != std::string::npos;
  findings.push_back(tier_finding(parameters, Tier::Wide, chained));
  if (parameters.read_tier) findings.push_back(tier_finding(parameters, Tier::Read, chained));
  add_trust(parameters, caller, findings);
  findings.push_back(revocation_finding(parameters));
  return findings;
}

}  // namespace prodaccess
