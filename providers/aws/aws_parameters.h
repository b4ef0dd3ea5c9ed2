// What a role of the AWS provider says in its [roles.NAME.aws] table: prodaccess-aws(7), ROLES.
//
//   role_arn          the role to assume; without it the base session itself is what is given
//   account           the account that the credential must be of; that of role_arn
//   region            of STS and of the child's clients
//   base              who assumes the role: chain (as AWS's own clients find it), environment,
//                     profile, token-file, token-variable, github-actions, container, instance,
//                     command, sso; with profile, token_file, token_variable, audience,
//                     credential_process, sso
//   session_name, source_identity, external_id, tags, transitive_tags, policy, policy_arns,
//   duration, mfa_serial, mfa_command, endpoint, ca_file
//   endpoints, revoke client_parameters.h
//   tiers.read        { policy_arns = [...], policy = "...", role_arn = "..." }
//
// Errors: Error{Config} with FILE:LINE:COLUMN.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/config_table.h"
#include "core/grant/credential.h"
#include "providers/aws/client_parameters.h"

namespace prodaccess {

enum class AwsBase {
  Chain,
  Environment,
  Profile,
  TokenFile,
  TokenVariable,
  GithubActions,
  Container,
  Instance,
  Command,
  Sso,
};

struct AwsBaseParameters {
  AwsBase kind = AwsBase::Chain;
  std::string profile;
  std::string token_file;
  std::string token_variable;
  std::string audience = "sts.amazonaws.com";   // of GitHub's token
  std::vector<std::string> credential_process;  // words
  bool allow_credential_process = false;        // of the shared files, under a system configuration
};

struct AwsSessionPolicy {
  std::string policy;  // JSON
  std::vector<std::string> policy_arns;
  bool empty() const { return policy.empty() && policy_arns.empty(); }
};

struct AwsParameters {
  std::string role_arn;  // "": the base session itself
  std::string account;
  std::string region;  // "": the base's
  AwsBaseParameters base;
  std::string session_name;  // templates: text with {person}, {role}, {grant}, {reason}, {ticket}
  std::string source_identity;  // "": none
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::string> transitive_tags;
  std::string external_id;
  AwsSessionPolicy policy;
  std::optional<Seconds> duration;  // absent: the rest of the grant, up to 1h
  std::string mfa_serial;
  std::vector<std::string> mfa_command;
  std::string endpoint;  // of STS; "": its own
  std::string ca_file;
  bool read_tier = false;
  std::string read_role_arn;
  AwsSessionPolicy read_policy;
  AwsClientParameters clients;

  const std::string& role_of(Tier tier) const {
    return tier == Tier::Read && !read_role_arn.empty() ? read_role_arn : role_arn;
  }
  const AwsSessionPolicy& policy_of(Tier tier) const {
    return tier == Tier::Read && read_tier ? read_policy : policy;
  }
};

AwsParameters read_aws_parameters(ConfigTable table);

// The parts of "arn:aws:iam::123456789012:role/path/ops".
struct AwsRoleArn {
  std::string partition;
  std::string account;
  std::string name;  // without its path

  // "arn:aws:sts::123456789012:assumed-role/ops/SESSION"
  std::string session_arn(const std::string& session) const;
};
std::optional<AwsRoleArn> parse_role_arn(std::string_view text);

}  // namespace prodaccess
