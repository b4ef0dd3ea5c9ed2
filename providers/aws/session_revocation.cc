#include "providers/aws/session_revocation.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::string_view kPolicyName = "prodaccess-revoke";
constexpr Milliseconds kPause{2000};

// The last word of the ARN's path: what IAM's calls take.
std::string role_name(const std::string& arn) {
  const std::size_t role = arn.find(":role/");
  const std::size_t slash = arn.rfind('/');
  if (role == std::string::npos || slash + 1 == arn.size()) {
    throw Error(ErrorCode::Config, "\"" + escape_for_terminal(arn) + "\" is not the ARN of a role");
  }
  return arn.substr(slash + 1);
}

bool says_explicit_deny(const AwsError& error) {
  return std::string_view(error.what()).find("explicit deny") != std::string_view::npos;
}

}  // namespace

std::string revocation_policy_name(const RevocationScope& scope) {
  if (scope.source_identity.empty()) return std::string(kPolicyName);
  return std::string(kPolicyName) + "-" + sha256_hex(scope.source_identity).substr(0, 16);
}

std::string revocation_policy(const RevocationScope& scope, WallTime before) {
  Json condition = {
      {"DateLessThan",
       {{"aws:TokenIssueTime", format_rfc3339(std::chrono::floor<Seconds>(before))}}}};
  if (!scope.source_identity.empty()) {
    condition["StringEquals"] = {{"aws:SourceIdentity", scope.source_identity}};
  }
  const Json statement = {{"Sid", "RevokedByProdaccess"},
                          {"Effect", "Deny"},
                          {"Action", {"*"}},
                          {"Resource", {"*"}},
                          {"Condition", std::move(condition)}};
  return canonical_json({{"Version", "2012-10-17"}, {"Statement", Json::array({statement})}});
}

WallTime deny_older_sessions(AwsQueryClient& iam, const AwsCredential& signer,
                             const RevocationScope& scope, const Clock& clock) {
  // A second on: a session issued within this one ends too. By AWS's clock, where it is known.
  const WallTime before = clock.wall_now() + iam.skew() + Seconds{1};
  AwsQuery query;
  query.action = "PutRolePolicy";
  query.version = "2010-05-08";
  query.fields = {{"RoleName", role_name(scope.role_arn)},
                  {"PolicyName", revocation_policy_name(scope)},
                  {"PolicyDocument", revocation_policy(scope, before)}};
  query.signer = &signer;
  query.note.subject = scope.role_arn;
  iam.call(std::move(query));
  return before;
}

DeathProbe probe_until_denied(AwsQueryClient& sts, const AwsCredential& credential,
                              Seconds patience, const std::function<void(Milliseconds)>& pause) {
  DeathProbe probe;
  for (Milliseconds waited{0}; waited <= patience; waited += kPause) {
    if (probe.tries > 0) {
      if (pause) {
        pause(kPause);
      } else {
        std::this_thread::sleep_for(kPause);
      }
    }
    ++probe.tries;
    AwsQuery query;
    query.action = "GetAccessKeyInfo";
    query.version = "2011-06-15";
    query.fields = {{"AccessKeyId", credential.access_key_id}};
    query.signer = &credential;
    try {
      sts.call(std::move(query));
      probe.answer = "still answered";
    } catch (const AwsError& error) {
      probe.answer = error.what();
      // A role that may not call this at all is refused too, but not explicitly.
      probe.dead = says_explicit_deny(error) || is_expired_base(error.aws_code());
      if (probe.dead) return probe;
    }
  }
  return probe;
}

}  // namespace prodaccess
