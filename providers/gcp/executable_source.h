// prodaccess as the executable source of Google's client libraries: the credential file that makes
// them run it, with no secret in it, and the answer that they take. Pure.
// https://google.aip.dev/auth/4117, "Executable-sourced credentials"
#pragma once

#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

inline constexpr const char* kIdTokenType = "urn:ietf:params:oauth:token-type:id_token";
inline constexpr const char* kJwtType = "urn:ietf:params:oauth:token-type:jwt";

struct ExecutableClient {
  std::string pool;               // the audience: //iam.googleapis.com/.../providers/NAME
  std::string token_type;         // of what the command prints
  std::string impersonation_url;  // of the account that the library impersonates; "" for none
  std::string command;            // absolute, words divided by blanks
};

// The external_account file; the token is exchanged at `token_url`.
Json external_account_file(const ExecutableClient& client, const std::string& token_url);

// `type`: as the library asks (GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE).
Secret executable_answer(std::string_view token, const std::string& type, WallTime expires_at);

}  // namespace prodaccess
