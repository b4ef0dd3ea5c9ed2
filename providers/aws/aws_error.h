// AwsError: what an AWS service refused, with its own code, as one clear line that says what to do.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"

namespace prodaccess {

// A service's refusal as it came: IAM API Reference, "Common Errors".
struct AwsRefusal {
  int status = 0;
  std::string code;     // "AccessDenied"; "" where the reply was not AWS's
  std::string message;  // as sent: to be escaped
};

// What was asked for, as far as it helps to explain a refusal.
struct AwsCallNote {
  std::string action;               // "AssumeRole"
  std::string host;                 // who answered
  std::string subject;              // the role's ARN, or ""
  Milliseconds skew{0};             // the server's clock less ours, by its Date header
  bool with_mfa = false;            // a code was sent
  bool chained = false;             // signed by an assumed role
  std::optional<Seconds> duration;  // asked for
};

class AwsError : public Error {
 public:
  AwsError(AwsRefusal refusal, const AwsCallNote& call);
  const std::string& aws_code() const { return refusal_.code; }
  int status() const { return refusal_.status; }

 private:
  AwsRefusal refusal_;
};

// Asking again later may help: throttling, 5xx, an identity provider that could not be reached.
bool is_passing(const AwsRefusal& refusal);
// The session or token that signed is over: a new one may help.
bool is_expired_base(std::string_view aws_code);
// Codes that a wrong clock gives.
bool may_be_clock(std::string_view aws_code);

}  // namespace prodaccess
