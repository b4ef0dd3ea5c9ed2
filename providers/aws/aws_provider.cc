#include "providers/aws/aws_provider.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/aws/aws_probe.h"
#include "providers/aws/role_session.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kNotableSkew{60'000};

AwsParameters parameters_of(const Role& role) { return read_aws_parameters(role.parameters); }

std::string target_of(const AwsParameters& parameters, Tier tier) {
  const auto arn = parse_role_arn(parameters.role_of(tier));
  return arn ? arn->account + " role " + arn->name : parameters.account;
}

Json policy_shape(const AwsSessionPolicy& policy) {
  return {{"policy", policy.policy}, {"policy_arns", policy.policy_arns}};
}

Json sso_shape(const AwsParameters& parameters) {
  const auto& sso = parameters.clients.sso;
  if (!sso) return nullptr;
  return Json::array({sso->session.start_url, sso->session.region, sso->account, sso->role});
}

void add_field(Credential& credential, const char* name, std::string_view value) {
  if (!value.empty()) credential.fields.emplace(name, Secret(value));
}

IssuedDescription words_for(const AwsParameters& parameters, const IssueRequest& request,
                            const RoleSessionMade& made) {
  IssuedDescription words;
  words.target = target_of(parameters, request.tier);
  words.identity = made.caller.arn;
  if (made.credential.expires_at > request.until + Seconds{1}) {
    words.notes.push_back("the session itself lives until " +
                          format_rfc3339(std::chrono::floor<Seconds>(*made.credential.expires_at)) +
                          ": STS gives none shorter than 15m");
  }
  if (std::chrono::abs(made.skew) >= kNotableSkew) {
    words.notes.push_back(
        "this machine's clock is " +
        format_duration(std::chrono::round<Seconds>(std::chrono::abs(made.skew))) +
        (made.skew > Milliseconds{0} ? " behind" : " ahead of") +
        " AWS's: timedatectl set-ntp true");
  }
  return words;
}

}  // namespace

AwsProvider::AwsProvider(AwsHost host, Prompt& prompt) : host_(std::move(host)), prompt_(prompt) {}

void AwsProvider::check(const Role& role) const { parameters_of(role); }

std::vector<std::string> AwsProvider::tools(const Role&) const {
  return {"aws", "eksctl", "sam", "cdk", "copilot", "terraform", "tofu", "packer", "pulumi"};
}

// A session policy is the fence: STS holds the session within it, whatever the role may do.
std::optional<Effect> AwsProvider::narrowed(const Role& role) const {
  if (role.narrowed != Effect::Read) return std::nullopt;
  const AwsParameters parameters = parameters_of(role);
  const bool fenced = parameters.read_tier || !parameters.policy.empty();
  return fenced ? role.narrowed : std::nullopt;
}

bool AwsProvider::has_tiers(const Role& role) const { return parameters_of(role).read_tier; }

IssuedDescription AwsProvider::describe(const Role& role) const {
  const AwsParameters parameters = parameters_of(role);
  IssuedDescription words;
  words.target = target_of(parameters, Tier::Wide);
  if (parameters.read_tier) {
    std::vector<std::string> fence = parameters.read_policy.policy_arns;
    if (!parameters.read_policy.policy.empty()) fence.push_back("a session policy");
    if (!parameters.read_role_arn.empty()) fence.push_back(parameters.read_role_arn);
    words.notes.push_back("reads run within " + join(fence, ", "));
  }
  words.notes.push_back("STS sessions live until their own end");
  return words;
}

std::string AwsProvider::shape(const Role& role) const {
  const AwsParameters parameters = parameters_of(role);
  const AwsBaseParameters& base = parameters.base;
  return canonical_json({{"role_arn", parameters.role_arn},
                         {"account", parameters.account},
                         {"region", parameters.region},
                         {"base", static_cast<int>(base.kind)},
                         {"profile", base.profile},
                         {"token_file", base.token_file},
                         {"token_variable", base.token_variable},
                         {"audience", base.audience},
                         {"credential_process", base.credential_process},
                         {"session_name", parameters.session_name},
                         {"source_identity", parameters.source_identity},
                         {"tags", parameters.tags},
                         {"transitive_tags", parameters.transitive_tags},
                         {"external_id", parameters.external_id},
                         {"policy", policy_shape(parameters.policy)},
                         {"duration", parameters.duration.value_or(Seconds{0}).count()},
                         {"mfa_serial", parameters.mfa_serial},
                         {"endpoint", parameters.endpoint},
                         {"sso", sso_shape(parameters)},
                         {"read_tier", parameters.read_tier},
                         {"read_role_arn", parameters.read_role_arn},
                         {"read_policy", policy_shape(parameters.read_policy)}});
}

Issued AwsProvider::issue(const IssueRequest& request, const HandleObserver& on_handle) {
  const AwsParameters parameters = parameters_of(request.role);
  RoleSessionMaker maker(host_, parameters, request, prompt_);
  RoleSessionMade made = maker.make(on_handle);
  Credential credential;
  credential.tier = request.tier;
  credential.handle = made.handle;
  credential.issued_at = host_.clock.wall_now();
  credential.issued_boot = host_.clock.boot_now();
  credential.boot_id = host_.clock.boot_id();
  credential.expires_at =
      std::min(made.credential.expires_at.value_or(request.until), request.until);
  add_field(credential, "access_key_id", made.credential.access_key_id);
  add_field(credential, "account_id", made.credential.account_id);
  add_field(credential, "region", made.region);
  IssuedDescription words = words_for(parameters, request, made);
  credential.fields.emplace("secret_access_key", std::move(made.credential.secret_access_key));
  credential.fields.emplace("session_token", std::move(made.credential.session_token));
  return {std::move(credential), std::move(words)};
}

std::optional<Issued> AwsProvider::renew(const IssueRequest&, const Credential&) {
  return std::nullopt;  // a session cannot be made longer
}

RevokeOutcome AwsProvider::revoke(const Role&, const std::string&, const Credential* credential) {
  RevokeOutcome outcome;
  outcome.detail = "STS takes no session back";
  if (credential != nullptr) outcome.alive_until = credential->expires_at;
  return outcome;
}

std::vector<ProbeFinding> AwsProvider::probe(const Role& role) {
  return probe_aws(host_, parameters_of(role));
}

std::vector<std::pair<std::string, Secret>> AwsProvider::environment(
    const Role&, const Credential& credential) const {
  std::vector<std::pair<std::string, Secret>> variables;
  const auto add = [&](const char* name, std::string_view value) {
    if (!value.empty()) variables.emplace_back(name, Secret(value));
  };
  add("AWS_ACCESS_KEY_ID", credential.field("access_key_id"));
  add("AWS_SECRET_ACCESS_KEY", credential.field("secret_access_key"));
  add("AWS_SESSION_TOKEN", credential.field("session_token"));
  add("AWS_REGION", credential.field("region"));          // of most SDKs
  add("AWS_DEFAULT_REGION", credential.field("region"));  // of botocore
  add("AWS_CREDENTIAL_EXPIRATION",
      format_rfc3339(std::chrono::floor<Seconds>(credential.expires_at)));
  add("AWS_EC2_METADATA_DISABLED", "true");  // no falling back on the machine's own role
  return variables;
}

std::vector<std::string> AwsProvider::rival_variables() const {
  return {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
          "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
          "AWS_CREDENTIAL_*",  "AWS_ACCOUNT_ID",
          "AWS_PROFILE",       "AWS_DEFAULT_PROFILE",
          "AWS_ROLE_*",        "AWS_WEB_IDENTITY_TOKEN_FILE",
          "AWS_CONTAINER_*",   "AWS_EC2_METADATA_*",
          "AWS_ENDPOINT_URL*", "AWS_CA_BUNDLE",
          "AWS_VAULT*",        "ACTIONS_ID_TOKEN_REQUEST_*"};
}

std::vector<std::string> AwsProvider::base_variables(const Role& role) const {
  const AwsBaseParameters base = parameters_of(role).base;
  if (base.token_variable.empty()) return {};
  return {base.token_variable};
}

}  // namespace prodaccess
