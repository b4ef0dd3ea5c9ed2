// Ending sessions of a role that were issued already. STS takes none back; IAM can deny all that a
// role's sessions do, from those issued before now on.
// IAM User Guide, "Revoking IAM role temporary security credentials".
//
// The deny is an inline policy of the role, prodaccess-revoke, beside any other: it stays, and a
// later revocation replaces it (a later time denies what an earlier one does). It spreads in
// seconds to minutes, so a credential that should be dead is asked until it is refused for that
// very reason. GetCallerIdentity cannot tell: AWS lets even a denied session call it.
//
// Errors: AwsError where IAM refuses. Threads: one.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/os/clock.h"
#include "providers/aws/aws_credential.h"
#include "providers/aws/query_client.h"

namespace prodaccess {

struct RevocationScope {
  std::string role_arn;         // of the role whose sessions end
  std::string source_identity;  // only those with it; "": every session of the role
};

// The policy, with the time from which on sessions live. Canonical JSON.
std::string revocation_policy(const RevocationScope& scope, WallTime before);
// "prodaccess-revoke", or one of its own for each source identity.
std::string revocation_policy_name(const RevocationScope& scope);

// Puts the policy on the role, signed by `signer`, who needs iam:PutRolePolicy. Returns the time.
WallTime deny_older_sessions(AwsQueryClient& iam, const AwsCredential& signer,
                             const RevocationScope& scope, const Clock& clock);

struct DeathProbe {
  bool dead = false;
  int tries = 0;
  std::string answer;  // the last one, in AWS's words
};
// Asks STS as `credential` until it is refused by an explicit deny, or `patience` ends. `pause` is
// how it waits between tries.
DeathProbe probe_until_denied(AwsQueryClient& sts, const AwsCredential& credential,
                              Seconds patience,
                              const std::function<void(Milliseconds)>& pause = {});

}  // namespace prodaccess
