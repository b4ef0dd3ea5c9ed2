// BaseIdentity: who assumes a role: the keys, or the token, that the role's `base` leads to, found
// in the order of AWS's own clients (prodaccess-aws(7), BASE IDENTITY).
//
// Errors: Error{Provider} and Error{Config} naming file, profile or variable. Threads: one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/aws/aws_credential.h"
#include "providers/aws/aws_parameters.h"
#include "providers/aws/host_profiles.h"
#include "providers/aws/shared_config.h"
#include "providers/aws/sts_client.h"

namespace prodaccess {

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

}  // namespace prodaccess
