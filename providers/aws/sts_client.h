// StsClient: the four calls of the AWS Security Token Service that give and name identities.
// AWS STS API Reference, version 2011-06-15.
//
// Replies are checked before they are believed: the expected shape, fields without control
// characters, an end that lies ahead. Ends are in this machine's clock (the measured skew is
// taken off).
//
// Errors: AwsError with what to do; Error{Provider} for a reply of another shape.
// Threads: one client, one thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "providers/aws/aws_credential.h"
#include "providers/aws/query_client.h"

namespace prodaccess {

// A code of a person's device, as the calls take it.
struct MfaCode {
  std::string serial_number;  // "arn:aws:iam::123456789012:mfa/ana"
  Secret code;                // six digits
};

// What both ways to assume a role have in common.
struct RoleSession {
  std::string role_arn;
  std::string session_name;
  Seconds duration{3600};
  std::string policy;  // JSON; "" for none
  std::vector<std::string> policy_arns;
};

struct AssumeRoleRequest {
  RoleSession session;
  std::string external_id;
  std::string source_identity;
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::string> transitive_tag_keys;
  const MfaCode* mfa = nullptr;
  bool chained = false;  // the base is an assumed role itself
};

struct AssumedRole {
  AwsCredential credential;
  std::string arn;  // "arn:aws:sts::123456789012:assumed-role/NAME/SESSION"
  std::string id;   // "AROA...:SESSION"
  std::string source_identity;
};

struct CallerIdentity {
  std::string account;
  std::string arn;
  std::string user_id;
};

class StsClient {
 public:
  // Both must outlive it.
  StsClient(HttpClient& http, const Clock& clock, AwsEndpoint endpoint);

  AssumedRole assume_role(const AwsCredential& base, const AssumeRoleRequest& request);
  // Unsigned: `token` is the proof.
  AssumedRole assume_role_with_web_identity(const RoleSession& session, const Secret& token);
  // Of a long-term key; `mfa` may be null.
  AwsCredential get_session_token(const AwsCredential& base, Seconds duration, const MfaCode* mfa);
  CallerIdentity get_caller_identity(const AwsCredential& credential);

  // An unsigned call, which STS refuses: it is there, and tells its time.
  void greet();

  Milliseconds skew() const { return client_.skew(); }

 private:
  AwsQueryClient client_;
  const Clock& clock_;
};

}  // namespace prodaccess
