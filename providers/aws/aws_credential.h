// AwsCredential: what AWS signs requests with: an access key, and for temporary ones the session
// token and its end. Move-only, as its secrets are.
// IAM User Guide, "AWS security credentials".
#pragma once

#include <optional>
#include <string>
#include <string_view>

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
  AwsCredential duplicate() const;

  // Word characters and printable text only, so that nothing can break out of a header or a
  // variable. Throws Error{Provider} naming `source`.
  void require_well_formed(const std::string& source) const;

  Secret serialise() const;
  // Absent: it is of another form.
  static std::optional<AwsCredential> parse(std::string_view bytes);
};

}  // namespace prodaccess
