#include "providers/aws/aws_error.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestMessage = 400;
constexpr Milliseconds kNotableSkew{60'000};

struct Explanation {
  std::string what;
  std::vector<std::string> hints;
};

template <std::size_t N>
bool is_one_of(std::string_view code, const std::array<std::string_view, N>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool is_throttling(std::string_view code) {
  static constexpr std::array<std::string_view, 6> kCodes{
      "Throttling",           "ThrottlingException",      "ThrottledException",
      "RequestLimitExceeded", "TooManyRequestsException", "RequestThrottled"};
  return is_one_of(code, kCodes);
}

bool mentions(const AwsRefusal& refusal, std::string_view text) {
  return to_lower(refusal.message).find(text) != std::string::npos;
}

// "AssumeRole of arn:aws:iam::123456789012:role/ops"
std::string call_text(const AwsCallNote& call) {
  return call.subject.empty() ? call.action : call.action + " of " + call.subject;
}

std::string skew_text(Milliseconds skew) {
  const auto whole = std::chrono::round<Seconds>(std::chrono::abs(skew));
  return "this machine's clock is " + format_duration(whole) +
         (skew > Milliseconds{0} ? " behind" : " ahead of") + " AWS's";
}

Explanation explain_clock_or_key(const AwsRefusal& refusal, const AwsCallNote& call) {
  if (std::chrono::abs(call.skew) >= kNotableSkew) {
    return {skew_text(call.skew), {"set the clock: timedatectl set-ntp true"}};
  }
  if (refusal.code == "SignatureDoesNotMatch") {
    return {"the secret access key does not belong to its access key id",
            {"check the keys of the base identity: aws sts get-caller-identity"}};
  }
  return {"the request was too old when it arrived", {"try again; check the clock: timedatectl"}};
}

Explanation explain_denied(const AwsCallNote& call) {
  std::vector<std::string> hints;
  if (call.subject.empty()) return {"not allowed", std::move(hints)};
  hints.push_back("the role's trust policy must let this identity in, and its own policy allow " +
                  std::string("sts:") + call.action);
  if (call.with_mfa) {
    hints.push_back("a wrong or used MFA code looks the same: wait for the next one");
  } else {
    hints.push_back("where the trust asks for MFA: mfa_serial = \"arn:aws:iam::...:mfa/NAME\"");
  }
  hints.push_back(
      "a wrong external_id looks the same; tags need sts:TagSession, a source "
      "identity sts:SetSourceIdentity");
  return {"not allowed", std::move(hints)};
}

Explanation explain_validation(const AwsRefusal& refusal, const AwsCallNote& call) {
  const bool about_duration =
      mentions(refusal, "durationseconds") || mentions(refusal, "maxsessionduration");
  if (about_duration && (call.chained || mentions(refusal, "chaining"))) {
    return {"a session of a role assumed by another role lasts 1h at most",
            {"duration = \"1h\"   in the role's aws table"}};
  }
  if (about_duration) {
    const std::string asked = call.duration ? " " + format_duration(*call.duration) : "";
    return {"the role does not allow sessions of" + asked + " (its MaxSessionDuration)",
            {"a shorter duration in the role's aws table, or aws iam update-role "
             "--max-session-duration"}};
  }
  return {"AWS does not accept a parameter", {}};
}

Explanation explain_web_token(const AwsRefusal& refusal) {
  if (refusal.code == "IDPCommunicationError") {
    return {"AWS could not reach the identity provider that signed the token", {"try again"}};
  }
  if (refusal.code == "IDPRejectedClaim") {
    return {"the identity provider's claims were refused",
            {"compare the token's aud and sub with the role's trust policy"}};
  }
  return {"the identity token is not accepted",
          {"its issuer must be an identity provider in IAM, its audience one of that provider's"}};
}

Explanation explain_status(const AwsRefusal& refusal) {
  if (refusal.status >= 300 && refusal.status < 400) {
    return {"a redirect (HTTP " + std::to_string(refusal.status) + "), which is never followed",
            {"check the endpoint of the role's aws table"}};
  }
  if (refusal.status >= 500) {
    return {"the service failed (HTTP " + std::to_string(refusal.status) + ")", {"try again"}};
  }
  return {"the reply is not of AWS (HTTP " + std::to_string(refusal.status) + ")",
          {"check the endpoint and what proxies stand between"}};
}

Explanation explain(const AwsRefusal& refusal, const AwsCallNote& call) {
  const std::string& code = refusal.code;
  if (code.empty()) return explain_status(refusal);
  if (is_throttling(code)) return {"AWS is throttling", {"try again in a minute"}};
  if (may_be_clock(code)) return explain_clock_or_key(refusal, call);
  if (is_expired_base(code)) {
    return {"the session or token that asks is over",
            {"log in again (aws sso login, a new token or new keys), then repeat"}};
  }
  if (code == "AccessDenied" || code == "AccessDeniedException") return explain_denied(call);
  if (code == "InvalidClientTokenId" || code == "UnrecognizedClientException") {
    return {
        "AWS does not know the access key: deleted, disabled, of another partition, or its "
        "session token is missing",
        {"check the keys of the base identity: aws sts get-caller-identity"}};
  }
  if (code == "RegionDisabledException") {
    return {"STS is not active in this region for the account",
            {"activate it in IAM, Account settings, or name another region in the aws table"}};
  }
  if (code == "MalformedPolicyDocument") {
    return {"the session policy is not a policy", {"check 'policy' in the role's aws table"}};
  }
  if (code == "PackedPolicyTooLarge") {
    return {"the session policies and tags are too large together, packed",
            {"shorten the session policy, use policy_arns, or send fewer tags"}};
  }
  if (code == "ValidationError") return explain_validation(refusal, call);
  if (code == "InvalidIdentityToken" || code.starts_with("IDP")) return explain_web_token(refusal);
  return {"refused", {}};
}

std::string sentence(const AwsRefusal& refusal, const AwsCallNote& call,
                     const Explanation& explanation) {
  std::string text = call_text(call) + " at " + call.host + ": " + explanation.what;
  if (refusal.code.empty()) return text;
  text += " (" + escape_for_terminal(refusal.code.substr(0, 64));
  if (!refusal.message.empty()) {
    text += ": " + escape_for_terminal(refusal.message.substr(0, kLongestMessage));
  }
  return text + ")";
}

}  // namespace

bool is_expired_base(std::string_view aws_code) {
  static constexpr std::array<std::string_view, 3> kCodes{"ExpiredToken", "ExpiredTokenException",
                                                          "TokenRefreshRequired"};
  return is_one_of(aws_code, kCodes);
}

bool may_be_clock(std::string_view aws_code) {
  static constexpr std::array<std::string_view, 5> kCodes{
      "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch",
      "InvalidSignatureException", "RequestInTheFuture"};
  return is_one_of(aws_code, kCodes);
}

bool is_passing(const AwsRefusal& refusal) {
  static constexpr std::array<std::string_view, 6> kCodes{
      "IDPCommunicationError", "RequestTimeout",     "RequestTimeoutException",
      "InternalFailure",       "ServiceUnavailable", "InternalError"};
  return refusal.status == 429 || refusal.status == 500 || refusal.status == 502 ||
         refusal.status == 503 || refusal.status == 504 || is_throttling(refusal.code) ||
         is_one_of(refusal.code, kCodes);
}

AwsError::AwsError(AwsRefusal refusal, const AwsCallNote& call)
    : Error(ErrorCode::Provider, sentence(refusal, call, explain(refusal, call)),
            explain(refusal, call).hints),
      refusal_(std::move(refusal)) {}

}  // namespace prodaccess
