// BaseIdentity: who assumes a role: the keys, or the token, that the role's `base` leads to, found
// in the order of AWS's own clients (prodaccess-aws(7), BASE IDENTITY).
//
// Errors: Error{Provider} and Error{Config} naming file, profile or variable. Threads: one.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/os/clock.h"
#include "core/os/files.h"
#include "providers/aws/aws_credential.h"
#include "providers/aws/aws_parameters.h"
#include "providers/aws/credential_process.h"
#include "providers/aws/metadata_credentials.h"
#include "providers/aws/shared_config.h"
#include "providers/aws/sso_login.h"
#include "providers/aws/sts_client.h"
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

struct BaseIdentity {
  AwsCredential credential;
  Secret web_token;      // instead of keys: the role is assumed with it
  std::string source;    // "profile ana", "the container endpoint"
  bool chained = false;  // an assumed role itself: the next one lasts 1h at most
};

class AwsBaseResolver {
 public:
  // A session with a person's code, of long-term keys.
  using MfaSession =
      std::function<AwsCredential(const AwsCredential& keys, const std::string& serial)>;

  // All must outlive it. `session_name`: of the roles on the way.
  AwsBaseResolver(AwsHost& host, const AwsParameters& parameters, std::string session_name,
                  StsClient& sts, MfaSession mfa_session);

  BaseIdentity resolve();

 private:
  BaseIdentity chain();
  BaseIdentity environment_keys();
  std::optional<BaseIdentity> find_environment_keys();
  BaseIdentity profile(const std::string& name, std::vector<std::string> visited);
  std::optional<BaseIdentity> find_in_profile(const std::string& name,
                                              std::vector<std::string> visited);
  BaseIdentity assumed_profile(const std::string& name, std::vector<std::string> visited);
  BaseIdentity source_of(const std::string& name, std::vector<std::string> visited);
  BaseIdentity web_identity(const std::string& role_arn, const std::string& token_file,
                            const std::string& session, const std::string& source);
  std::optional<BaseIdentity> profile_sso(const std::string& name);
  BaseIdentity sso(const AwsSsoParameters& wanted, std::string source);
  std::optional<BaseIdentity> static_keys(const std::string& name);
  std::optional<BaseIdentity> keys_in(const std::string& name, bool config_file);
  BaseIdentity process(const std::string& name, std::string_view line);
  BaseIdentity container();
  BaseIdentity instance();
  // Keys of a source; long-term ones become a session with a code where one is asked for.
  BaseIdentity with_code(AwsCredential keys, std::string source);

  const AwsProfiles& profiles();
  std::string variable(std::string_view name) const;
  std::string text(const std::string& profile, std::string_view setting);
  std::string require(const std::string& profile, std::string_view setting);

  AwsHost& host_;
  const AwsParameters& parameters_;
  std::string session_name_;
  StsClient& sts_;
  MfaSession mfa_session_;
  std::string mfa_serial_;
  std::optional<AwsProfiles> profiles_;
};

// Where people sign in before this base is there; absent: nowhere.
std::optional<SsoSession> sso_session_of_base(AwsHost& host, const AwsParameters& parameters);

// The region that the base's profile or the environment names; "" for none.
std::string region_of_base(AwsHost& host, const AwsParameters& parameters);

}  // namespace prodaccess
