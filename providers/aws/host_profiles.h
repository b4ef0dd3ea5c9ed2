// The profiles of ~/.aws/config and ~/.aws/credentials, as this host and a role choose among them.
//
// Errors: Error{Config} and Error{Provider} naming file or profile. Threads: one.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/os/clock.h"
#include "core/os/files.h"
#include "providers/aws/aws_credential.h"
#include "providers/aws/aws_parameters.h"
#include "providers/aws/credential_process.h"
#include "providers/aws/metadata_credentials.h"
#include "providers/aws/shared_config.h"
#include "providers/aws/sso_login.h"
#include "providers/http/http_client.h"

namespace prodaccess {

// What may be looked at, and how.
struct AwsHost {
  HttpClient& http;
  Files& files;
  const Clock& clock;
  AwsEnvironment environment;
  std::filesystem::path home;
  bool self_governed = true;  // no system layer: the shared files may name programs
  HelperRunner run;
  // Long-term keys that were moved into the durable store; absent: none of that profile.
  std::function<std::optional<AwsCredential>(const std::string& profile)> imported_keys;
  SsoTokens* sso_tokens = nullptr;  // of logins at IAM Identity Centers; may be null
};

// "" : no such variable.
std::string variable_of(const AwsHost& host, std::string_view name);

// The shared files, where the environment says they are or where they usually are; links are
// followed (Files::follow_links).
AwsProfiles read_profiles(AwsHost& host);

// The profile that the role or the environment names; "" for none.
std::string chosen_profile(const AwsHost& host, const AwsParameters& parameters);

// The role of IAM Identity Center that a profile names: by its [sso-session], or in the older form.
std::optional<AwsSsoParameters> sso_of_profile(const AwsProfiles& profiles, const std::string& name,
                                               const AwsClientEndpoints& endpoints);

// For messages: "profile NAME".
std::string profile_words(const std::string& name);

// Where people sign in before this base is there; absent: nowhere.
std::optional<SsoSession> sso_session_of_base(AwsHost& host, const AwsParameters& parameters);

// The region that the base's profile or the environment names; "" for none.
std::string region_of_base(AwsHost& host, const AwsParameters& parameters);

}  // namespace prodaccess
