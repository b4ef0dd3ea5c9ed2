// AwsCredential: what AWS signs requests with: an access key, and for temporary ones the session
// token and its end. Move-only, as its secrets are.
// IAM User Guide, "AWS security credentials".
#pragma once

#include <optional>
#include <string>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

struct AwsCredential {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;                // empty: a long-term key
  std::optional<WallTime> expires_at;  // absent: no end is known
  std::string account_id;              // "" where its source did not say

  bool temporary() const { return !session_token.empty(); }
  AwsCredential duplicate() const {
    return {access_key_id, secret_access_key.duplicate(), session_token.duplicate(), expires_at,
            account_id};
  }
};

}  // namespace prodaccess
