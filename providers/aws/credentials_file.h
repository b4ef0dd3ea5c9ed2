// The shared credentials file of AWS's clients (~/.aws/credentials), as far as moving long-term
// keys out of it goes. AWS SDKs and Tools Reference, "Shared config and credentials files".
//
// Pure. Errors: Error{Config} naming the line.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"

namespace prodaccess {

struct ProfileKeys {
  std::string profile;
  std::string access_key_id;
  Secret secret_access_key;
  bool temporary = false;  // it has a session token: not for keeping
};

// The profiles that have both halves of a key, in the file's order.
std::vector<ProfileKeys> read_profile_keys(std::string_view text, const std::string& file);

// The same text without the keys of `profiles`. All other bytes stay as they are; so do the
// headers, by which the profiles are known.
Secret without_profile_keys(std::string_view text, const std::set<std::string>& profiles,
                            const std::string& file);

}  // namespace prodaccess
