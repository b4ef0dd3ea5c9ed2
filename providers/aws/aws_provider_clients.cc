// AwsProvider, the part beside issuing: where people sign in, and sessions denied on request.
#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/aws/aws_provider.h"
#include "providers/aws/role_session.h"
#include "providers/aws/session_revocation.h"
#include "providers/aws/session_text.h"
#include "providers/aws/sso_login.h"

namespace prodaccess {
namespace {

constexpr Seconds kShortSession{900};

std::string region_of(AwsHost& host, const AwsParameters& parameters) {
  return parameters.region.empty() ? region_of_base(host, parameters) : parameters.region;
}

std::string target_of(const AwsParameters& parameters) {
  const auto arn = parse_role_arn(parameters.role_arn);
  return arn ? arn->name + " in " + arn->account : parameters.account;
}

// The keys that are at hand, with a person's code where the role asks for one.
AwsCredential signer_of(AwsHost& host, const AwsParameters& parameters, StsClient& sts,
                        Prompt& prompt) {
  const std::string name = "prodaccess-revoke";
  AwsBaseResolver resolver(
      host, parameters, name, sts, [&](const AwsCredential& keys, const std::string& serial) {
        const MfaCode code{serial, prompt.ask_secret("MFA code of " + serial + ":")};
        return sts.get_session_token(keys, kShortSession, &code);
      });
  BaseIdentity base = resolver.resolve();
  const std::string& role_arn = parameters.clients.revoke.role_arn;
  if (role_arn.empty()) {
    if (base.web_token.empty()) return std::move(base.credential);
    throw Error(
        ErrorCode::Config, "an identity token signs no call to IAM",
        {"revoke = { role_arn = \"arn:aws:iam::...:role/...\" }   in the role's aws table"});
  }
  const RoleSession session{role_arn, name, kShortSession, "", {}};
  if (!base.web_token.empty()) {
    return sts.assume_role_with_web_identity(session, base.web_token).credential;
  }
  AssumeRoleRequest request;
  request.session = session;
  request.chained = base.chained;
  return sts.assume_role(base.credential, request).credential;
}

std::optional<AwsCredential> credential_of(const Credential* credential) {
  if (credential == nullptr || credential->field("session_token").empty()) return std::nullopt;
  AwsCredential keys;
  keys.access_key_id = credential->field("access_key_id");
  keys.secret_access_key = Secret(credential->field("secret_access_key"));
  keys.session_token = Secret(credential->field("session_token"));
  keys.expires_at = credential->expires_at;
  return keys;
}

// The roles that the grant's credentials may be of: of either tier.
std::vector<std::string> roles_of(const AwsParameters& parameters) {
  std::vector<std::string> arns{parameters.role_of(Tier::Wide)};
  const std::string& read = parameters.role_of(Tier::Read);
  if (read != arns.front()) arns.push_back(read);
  return arns;
}

std::string source_identity_of(const AwsParameters& parameters, const DenyRequest& request) {
  if (!parameters.clients.revoke.by_source_identity) return "";
  const SessionWords words{request.person, request.role.name, request.grant.id.substr(0, 8),
                           request.grant.reason, request.grant.ticket};
  return session_word(fill_session_text(parameters.source_identity, words));
}

// STS gives no session under 15 minutes, so one may outlive its grant.
WallTime last_end(const Grant& grant, WallTime now) {
  return std::max(grant.until, now + kShortSession);
}

}  // namespace

std::unique_ptr<Login> AwsProvider::login(const Role& role) {
  if (host_.sso_tokens == nullptr) return nullptr;
  auto session = sso_session_of_base(host_, read_aws_parameters(role.parameters));
  if (!session) return nullptr;
  return std::make_unique<SsoLogin>(*host_.sso_tokens, std::move(*session));
}

std::optional<RevokeOutcome> AwsProvider::deny(const DenyRequest& request) {
  const AwsParameters parameters = read_aws_parameters(request.role.parameters);
  RevokeOutcome outcome;
  outcome.alive_until = last_end(request.grant, host_.clock.wall_now());
  if (parameters.role_arn.empty()) {
    outcome.detail =
        "the sessions of this role are not of an IAM role of ours: nothing denies them";
    return outcome;
  }
  const std::string region = region_of(host_, parameters);
  const AwsEndpoint sts_place = sts_endpoint(parameters, region);
  StsClient sts(host_.http, host_.clock, sts_place);
  const AwsCredential signer = signer_of(host_, parameters, sts, prompt_);
  AwsEndpoint iam_place = aws_endpoint("iam", sts_place.region, parameters.clients.endpoints.iam);
  iam_place.ca_file = parameters.ca_file;
  AwsQueryClient iam(host_.http, host_.clock, iam_place);
  RevocationScope scope{"", source_identity_of(parameters, request)};
  WallTime before{};
  for (const std::string& arn : roles_of(parameters)) {
    scope.role_arn = arn;
    before = deny_older_sessions(iam, signer, scope, host_.clock);
  }
  const std::string whose = scope.source_identity.empty()
                                ? "every session of role " + target_of(parameters)
                                : "sessions of source identity " + scope.source_identity;
  outcome.detail = whose + " before " + format_rfc3339(std::chrono::floor<Seconds>(before)) +
                   " denied by policy " + revocation_policy_name(scope);
  tell_probe(parameters, sts_place, request, outcome);
  return outcome;
}

void AwsProvider::tell_probe(const AwsParameters& parameters, const AwsEndpoint& place,
                             const DenyRequest& request, RevokeOutcome& outcome) {
  const auto credential = credential_of(request.credential);
  if (!credential) {
    outcome.state = RevokeOutcome::State::NotRevocable;
    outcome.detail += "; not probed, as no credential of the grant is at hand: AWS takes minutes";
    return;
  }
  AwsQueryClient sts(host_.http, host_.clock, place);
  const WallTime begun = host_.clock.wall_now();
  const DeathProbe probe = probe_until_denied(sts, *credential, parameters.clients.revoke.patience);
  const auto took = std::chrono::round<Seconds>(host_.clock.wall_now() - begun);
  if (probe.dead) {
    outcome.state = RevokeOutcome::State::Revoked;
    outcome.alive_until.reset();
    outcome.detail += "; probe refused after " + format_duration(took);
    return;
  }
  outcome.state = RevokeOutcome::State::Failed;
  outcome.detail += "; but the probe was not refused for it within " + format_duration(took) +
                    " (" + probe.answer + ")";
}

}  // namespace prodaccess
