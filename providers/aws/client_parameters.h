// What a role's [roles.NAME.aws] table says beside the session itself: where people sign in, other
// endpoints, and how sessions are denied. prodaccess-aws-clients(7).
//
//   sso               { start_url, region, account, role, name, scopes }: the base identity
//   endpoints         { iam, ecr, federation, sso_oidc, sso_portal }, in place of AWS's own
//   revoke            { by = "role" | "source-identity", role_arn, patience }
//
// Errors: Error{Config} with FILE:LINE:COLUMN.
#pragma once

#include <optional>
#include <string>

#include "core/base/config_table.h"
#include "providers/aws/sso_oidc.h"

namespace prodaccess {

struct AwsSsoParameters {
  SsoSession session;
  std::string account;  // "": the role's
  std::string role;
};

struct AwsClientEndpoints {
  std::string iam;
  std::string ecr;
  std::string federation;
  std::string sso_oidc;
  std::string sso_portal;
};

struct AwsRevokeParameters {
  bool by_source_identity = false;  // else every session of the role
  std::string role_arn;             // who puts the deny, assumed by the base; "": the base itself
  Seconds patience{60};             // how long the dead credential is asked
};

struct AwsClientParameters {
  std::optional<AwsSsoParameters> sso;
  AwsClientEndpoints endpoints;
  AwsRevokeParameters revoke;
};

// Takes its keys out of `table`; others stay.
AwsClientParameters take_client_parameters(ConfigTable& table);

}  // namespace prodaccess
