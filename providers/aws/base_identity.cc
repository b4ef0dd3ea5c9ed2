#include "providers/aws/base_identity.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/aws/session_text.h"
#include "providers/aws/sso_cache.h"
#include "providers/aws/sso_portal.h"
#include "providers/aws/web_tokens.h"

namespace prodaccess {
namespace {

constexpr Seconds kHop{3600};  // what every role allows

[[noreturn]] void fail(const std::string& what, std::vector<std::string> hints = {}) {
  throw Error(ErrorCode::Provider, what, std::move(hints));
}

}  // namespace

AwsBaseResolver::AwsBaseResolver(AwsHost& host, const AwsParameters& parameters,
                                 std::string session_name, StsClient& sts, MfaSession mfa_session)
    : host_(host),
      parameters_(parameters),
      session_name_(std::move(session_name)),
      sts_(sts),
      mfa_session_(std::move(mfa_session)),
      mfa_serial_(parameters.mfa_serial) {}

std::string AwsBaseResolver::variable(std::string_view name) const {
  return variable_of(host_, name);
}

const AwsProfiles& AwsBaseResolver::profiles() {
  if (!profiles_) profiles_ = read_profiles(host_);
  return *profiles_;
}

std::string AwsBaseResolver::text(const std::string& profile, std::string_view setting) {
  return std::string(profiles().value(profile, setting).value_or(""));
}

std::string AwsBaseResolver::require(const std::string& profile, std::string_view setting) {
  std::string value = text(profile, setting);
  if (value.empty()) fail(profile_words(profile) + " has no " + std::string(setting));
  return value;
}

BaseIdentity AwsBaseResolver::resolve() {
  const AwsBaseParameters& base = parameters_.base;
  BaseIdentity found;
  switch (base.kind) {
    case AwsBase::Chain: return chain();
    case AwsBase::Environment: return environment_keys();
    case AwsBase::Profile: return profile(base.profile, {});
    case AwsBase::Container: return container();
    case AwsBase::Instance: return instance();
    case AwsBase::Command:
      return with_code(process_credentials(host_.run, host_.home, base.credential_process),
                       base.credential_process.front());
    case AwsBase::Sso:
      return sso(*parameters_.clients.sso, "the login at " + parameters_.clients.sso->session.name);
    case AwsBase::TokenFile:
      found.web_token = web_token_of_file(host_.files, base.token_file);
      found.source = "the token in " + base.token_file;
      return found;
    case AwsBase::TokenVariable:
      found.web_token = web_token_of_variable(host_.environment, base.token_variable);
      found.source = "the token in " + base.token_variable;
      return found;
    case AwsBase::GithubActions:
      found.web_token = web_token_of_github(host_.http, host_.environment, base.audience);
      found.source = "the token of GitHub Actions";
      return found;
  }
  return found;
}

// The order is botocore's (credentials.py, create_credential_resolver).
BaseIdentity AwsBaseResolver::chain() {
  if (auto found = find_environment_keys()) return std::move(*found);
  const std::string chosen = chosen_profile(host_, parameters_);
  if (!chosen.empty()) return profile(chosen, {});
  const std::string token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!token_file.empty() && !variable("AWS_ROLE_ARN").empty()) {
    return web_identity(variable("AWS_ROLE_ARN"), token_file, variable("AWS_ROLE_SESSION_NAME"),
                        "AWS_WEB_IDENTITY_TOKEN_FILE");
  }
  if (auto found = find_in_profile("default", {})) return std::move(*found);
  if (auto keys = container_credentials(host_.http, host_.files, host_.environment)) {
    return with_code(std::move(*keys), "the container endpoint");
  }
  if (auto keys = instance_credentials(host_.http, host_.environment, InstanceRole::Possible)) {
    return with_code(std::move(*keys), "the instance metadata service");
  }
  fail("there is no base identity: no keys in the environment, no default profile in " +
           profiles().config_name() + " or " + profiles().credentials_name() +
           ", no container or instance role",
       {"profile = \"NAME\"   in the role's aws table, or another 'base'"});
}

std::optional<BaseIdentity> AwsBaseResolver::find_environment_keys() {
  AwsCredential keys;
  keys.access_key_id = variable("AWS_ACCESS_KEY_ID");
  if (keys.access_key_id.empty()) return std::nullopt;
  keys.secret_access_key = seal(variable("AWS_SECRET_ACCESS_KEY"));
  if (keys.secret_access_key.empty()) {
    fail("AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not");
  }
  // The older name counts only where the newer one is absent: a stale one must not win.
  keys.session_token = seal(variable("AWS_SESSION_TOKEN"));
  if (keys.session_token.empty()) keys.session_token = seal(variable("AWS_SECURITY_TOKEN"));
  keys.expires_at = parse_rfc3339(variable("AWS_CREDENTIAL_EXPIRATION"));
  return with_code(std::move(keys), "the environment");
}

BaseIdentity AwsBaseResolver::environment_keys() {
  if (auto found = find_environment_keys()) return std::move(*found);
  fail("there are no keys in the environment (AWS_ACCESS_KEY_ID)");
}

BaseIdentity AwsBaseResolver::container() {
  auto keys = container_credentials(host_.http, host_.files, host_.environment);
  if (!keys) fail("there is no container endpoint (AWS_CONTAINER_CREDENTIALS_FULL_URI)");
  return with_code(std::move(*keys), "the container endpoint");
}

BaseIdentity AwsBaseResolver::instance() {
  auto keys = instance_credentials(host_.http, host_.environment, InstanceRole::Expected);
  if (!keys) fail("the instance metadata service gives no role here");
  return with_code(std::move(*keys), "the instance metadata service");
}

BaseIdentity AwsBaseResolver::profile(const std::string& name, std::vector<std::string> visited) {
  if (!profiles().has(name)) {
    std::vector<std::string> hints;
    if (const auto guess = nearest(name, profiles().names())) {
      hints.push_back("did you mean " + escape_for_terminal(*guess) + "?");
    }
    fail("there is no " + profile_words(name) + " in " + profiles().config_name() + " or " +
             profiles().credentials_name(),
         std::move(hints));
  }
  if (auto found = find_in_profile(name, std::move(visited))) return std::move(*found);
  fail(profile_words(name) + " says nothing of where its keys are");
}

std::optional<BaseIdentity> AwsBaseResolver::find_in_profile(const std::string& name,
                                                             std::vector<std::string> visited) {
  if (std::find(visited.begin(), visited.end(), name) != visited.end()) {
    visited.push_back(name);
    for (std::string& step : visited) step = escape_for_terminal(step);
    fail("the profiles lead in a circle: " + join(visited, " -> "));
  }
  visited.push_back(name);
  const std::string role_arn = text(name, "role_arn");
  const std::string token_file = text(name, "web_identity_token_file");
  if (!token_file.empty()) {
    return web_identity(require(name, "role_arn"), token_file, text(name, "role_session_name"),
                        profile_words(name));
  }
  if (!role_arn.empty()) return assumed_profile(name, std::move(visited));
  if (auto found = profile_sso(name)) return found;
  if (auto found = keys_in(name, false)) return found;
  if (const auto line = profiles().value(name, "credential_process")) return process(name, *line);
  return static_keys(name);
}

// The keys of a profile itself: in either file, or moved into the durable store.
std::optional<BaseIdentity> AwsBaseResolver::static_keys(const std::string& name) {
  if (auto found = keys_in(name, false)) return found;
  if (auto found = keys_in(name, true)) return found;
  if (!host_.imported_keys) return std::nullopt;
  auto keys = host_.imported_keys(name);
  if (!keys) return std::nullopt;
  return with_code(std::move(*keys), "the imported keys of " + profile_words(name));
}

std::optional<BaseIdentity> AwsBaseResolver::keys_in(const std::string& name, bool config_file) {
  const auto value = [&](std::string_view setting) {
    return config_file ? profiles().config_value(name, setting)
                       : profiles().credentials_value(name, setting);
  };
  const auto id = value("aws_access_key_id");
  if (!id) return std::nullopt;
  const auto secret = value("aws_secret_access_key");
  if (!secret) fail(profile_words(name) + " has an access key id without its secret");
  AwsCredential keys{std::string(*id), Secret(*secret),
                     Secret(value("aws_session_token").value_or("")), std::nullopt,
                     std::string(value("aws_account_id").value_or(""))};
  return with_code(std::move(keys), profile_words(name));
}

BaseIdentity AwsBaseResolver::source_of(const std::string& name, std::vector<std::string> visited) {
  const std::string source = text(name, "source_profile");
  const std::string kind = text(name, "credential_source");
  if (source.empty() == kind.empty()) {
    fail(profile_words(name) + " has a role_arn and " +
         (source.empty() ? "neither source_profile nor" : "both source_profile and") +
         " credential_source");
  }
  if (source == name) {
    // A profile may assume its role with keys of its own.
    if (auto found = static_keys(name)) return std::move(*found);
    fail(profile_words(name) + " names itself as source_profile, but has no keys");
  }
  if (!source.empty()) return profile(source, std::move(visited));
  if (kind == "Environment") return environment_keys();
  if (kind == "Ec2InstanceMetadata") return instance();
  if (kind == "EcsContainer") return container();
  fail(profile_words(name) + " has an unknown credential_source \"" + escape_for_terminal(kind) +
           "\"",
       {"Environment, Ec2InstanceMetadata or EcsContainer"});
}

BaseIdentity AwsBaseResolver::assumed_profile(const std::string& name,
                                              std::vector<std::string> visited) {
  const std::string role_arn = text(name, "role_arn");
  if (!parse_role_arn(role_arn)) fail("the role_arn of " + profile_words(name) + " is none");
  if (mfa_serial_.empty()) mfa_serial_ = text(name, "mfa_serial");
  BaseIdentity source = source_of(name, std::move(visited));
  // The role that is wanted anyway is not assumed by itself.
  if (role_arn == parameters_.role_arn) return source;
  AssumeRoleRequest request;
  request.session = {role_arn, text(name, "role_session_name"), kHop, "", {}};
  if (request.session.session_name.empty()) request.session.session_name = session_name_;
  request.external_id = text(name, "external_id");
  request.chained = source.chained;
  BaseIdentity assumed;
  assumed.credential = sts_.assume_role(source.credential, request).credential;
  assumed.source = profile_words(name);
  assumed.chained = true;
  return assumed;
}

BaseIdentity AwsBaseResolver::web_identity(const std::string& role_arn,
                                           const std::string& token_file,
                                           const std::string& session, const std::string& source) {
  BaseIdentity found;
  found.source = source;
  found.web_token = web_token_of_file(host_.files, token_file);
  if (role_arn == parameters_.role_arn) return found;
  if (!parse_role_arn(role_arn)) fail("the role of " + source + " is no role's ARN");
  const RoleSession wanted{role_arn, session.empty() ? session_name_ : session, kHop, "", {}};
  found.credential = sts_.assume_role_with_web_identity(wanted, found.web_token).credential;
  found.web_token = Secret();
  found.chained = true;
  return found;
}

std::optional<BaseIdentity> AwsBaseResolver::profile_sso(const std::string& name) {
  const auto found = sso_of_profile(profiles(), name, parameters_.clients.endpoints);
  if (!found) return std::nullopt;
  return sso(*found, profile_words(name));
}

BaseIdentity AwsBaseResolver::sso(const AwsSsoParameters& wanted, std::string source) {
  // What `aws sso login` left serves as well; our own login is kept where it cannot be read.
  auto token = cached_sso_token(host_.files, host_.home, wanted.session, host_.clock.wall_now());
  if (!token && host_.sso_tokens == nullptr) {
    fail("there is no login at " + wanted.session.start_url);
  }
  if (!token) token = host_.sso_tokens->access_token(wanted.session);
  BaseIdentity found;
  found.credential =
      SsoPortal(host_.http, wanted.session).role_credentials(*token, wanted.account, wanted.role);
  found.source = std::move(source);
  found.chained = true;  // they are of a role
  return found;
}

BaseIdentity AwsBaseResolver::process(const std::string& name, std::string_view line) {
  const std::string of = "the credential_process of " + profile_words(name);
  if (!host_.self_governed && !parameters_.base.allow_credential_process) {
    fail(of + " is not run: this machine has a system configuration",
         {"allow_credential_process = true   in the role's aws table"});
  }
  std::vector<std::string> words;
  try {
    words = split_command(line);
  } catch (const Error& error) {
    fail(of + ": " + error.what());
  }
  if (words.empty()) fail(of + " is empty");
  return with_code(process_credentials(host_.run, host_.home, words), profile_words(name));
}

BaseIdentity AwsBaseResolver::with_code(AwsCredential keys, std::string source) {
  keys.require_well_formed(source);
  BaseIdentity found;
  if (keys.expires_at && *keys.expires_at <= host_.clock.wall_now()) {
    fail("the keys of " + source + " have expired at " + format_rfc3339(*keys.expires_at),
         {"get new ones where these came from, then repeat"});
  }
  if (mfa_serial_.empty()) {
    found.credential = std::move(keys);
  } else if (keys.temporary()) {
    fail("an MFA code goes with long-term keys, and those of " + source + " are temporary",
         {"without mfa_serial, where that session has MFA already"});
  } else {
    found.credential = mfa_session_(keys, mfa_serial_);
  }
  found.source = std::move(source);
  // Temporary keys may be of a role; what they are is asked before a longer session is.
  return found;
}

}  // namespace prodaccess
