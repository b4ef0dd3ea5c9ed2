#include "providers/aws/host_profiles.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr int kMostHops = 8;

Secret read_shared(Files& files, const std::filesystem::path& path, bool secret) {
  if (secret) return files.read_secret(path).value_or(Secret());
  auto text = files.read(path, Owner::RootOrMe, 1U << 20);
  return text ? seal(std::move(*text)) : Secret();
}

}  // namespace

std::string profile_words(const std::string& name) {
  return "profile " + escape_for_terminal(name);
}

std::string variable_of(const AwsHost& host, std::string_view name) {
  const auto found = host.environment.find(name);
  return found == host.environment.end() ? "" : found->second;
}

AwsProfiles read_profiles(AwsHost& host) {
  const auto path = [&](std::string_view name, const char* usual) -> std::filesystem::path {
    const std::filesystem::path given = variable_of(host, name);
    return host.files.follow_links(given.is_absolute() ? given : host.home / ".aws" / usual);
  };
  const auto config = path("AWS_CONFIG_FILE", "config");
  const auto credentials = path("AWS_SHARED_CREDENTIALS_FILE", "credentials");
  return {IniFile(read_shared(host.files, config, false), config.string()),
          IniFile(read_shared(host.files, credentials, true), credentials.string())};
}

std::string chosen_profile(const AwsHost& host, const AwsParameters& parameters) {
  if (!parameters.base.profile.empty()) return parameters.base.profile;
  const std::string chosen = variable_of(host, "AWS_PROFILE");
  return chosen.empty() ? variable_of(host, "AWS_DEFAULT_PROFILE") : chosen;
}

std::optional<AwsSsoParameters> sso_of_profile(const AwsProfiles& profiles, const std::string& name,
                                               const AwsClientEndpoints& endpoints) {
  const std::string session(profiles.value(name, "sso_session").value_or(""));
  if (session.empty() && !profiles.value(name, "sso_start_url")) return std::nullopt;
  const auto require = [&](std::string_view setting, bool of_session) {
    const auto value =
        of_session ? profiles.sso_session_value(session, setting) : profiles.value(name, setting);
    if (value && !value->empty()) return std::string(*value);
    const std::string whose = of_session ? "[sso-session " + escape_for_terminal(session) +
                                               "], which " + profile_words(name) + " names,"
                                         : profile_words(name);
    throw Error(ErrorCode::Provider, whose + " has no " + std::string(setting));
  };
  AwsSsoParameters found;
  found.session.start_url = require("sso_start_url", !session.empty());
  found.session.region = require("sso_region", !session.empty());
  found.session.name = session.empty() ? name : session;
  found.session.oidc_endpoint = endpoints.sso_oidc;
  found.session.portal_endpoint = endpoints.sso_portal;
  found.account = require("sso_account_id", false);
  found.role = require("sso_role_name", false);
  return found;
}

std::string region_of_base(AwsHost& host, const AwsParameters& parameters) {
  const bool of_profile = parameters.base.kind == AwsBase::Profile;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (!of_profile && !variable_of(host, name).empty()) return variable_of(host, name);
  }
  if (!of_profile && parameters.base.kind != AwsBase::Chain) return "";
  const std::string profile = chosen_profile(host, parameters);
  const AwsProfiles profiles = read_profiles(host);
  return std::string(profiles.value(profile.empty() ? "default" : profile, "region").value_or(""));
}

std::optional<SsoSession> sso_session_of_base(AwsHost& host, const AwsParameters& parameters) {
  if (parameters.clients.sso) return parameters.clients.sso->session;
  if (parameters.base.kind != AwsBase::Profile && parameters.base.kind != AwsBase::Chain) {
    return std::nullopt;
  }
  const AwsProfiles profiles = read_profiles(host);
  std::string name = chosen_profile(host, parameters);
  if (name.empty()) name = "default";
  // A profile may take its keys from another one's login.
  for (int hops = 0; hops < kMostHops && profiles.has(name); ++hops) {
    if (auto found = sso_of_profile(profiles, name, parameters.clients.endpoints)) {
      return found->session;
    }
    name = std::string(profiles.value(name, "source_profile").value_or(""));
  }
  return std::nullopt;
}

}  // namespace prodaccess
