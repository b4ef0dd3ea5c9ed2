// The statements of a role's trust policy that make what prodaccess sends mandatory: nobody assumes
// the role without the source identity and the tags. Pure.
// IAM User Guide, "Monitor and control actions taken with assumed roles"; "Passing session tags".
#pragma once

#include <string>
#include <vector>

#include "providers/aws/aws_parameters.h"

namespace prodaccess {

struct TrustStatement {
  std::string what;  // it does, in a few words
  std::string json;  // one line, to paste
};

// First who may assume the role, and do so with what is sent; then a deny for each thing that must
// not be missing. `principal`: the base identity's ARN.
// Empty where the role is assumed with a token, whose claims stand for it, or is none.
std::vector<TrustStatement> trust_statements(const AwsParameters& parameters,
                                             const std::string& principal);

}  // namespace prodaccess
