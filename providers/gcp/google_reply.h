// What Google's token services answer, read strictly. Pure.
//
// A token is one word of visible ASCII, at most 16 KiB (tokens of the Security Token Service reach
// 12); its life is known and believable. Errors: Error{Provider}; never a token in a message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

struct HttpResponse;

struct GoogleToken {
  Secret token;
  WallTime expires_at{};
};

// The longest life of any Google token: one of an account that its organisation allows it.
inline constexpr Seconds kLongestLife{12 * 3600};

// OAuth and STS: {"access_token", "expires_in", ...}; `expires_in` may be a string of digits.
// `same_end`: the end of the subject, where the server leaves `expires_in` out.
GoogleToken read_oauth_token(std::string_view body, WallTime now,
                             std::optional<WallTime> same_end = std::nullopt);
// {"id_token"} of the token endpoint, {"token"} of the IAM Credentials API.
GoogleToken read_id_token(std::string_view body, const std::string& member,
                          const std::string& audience, WallTime now);
// {"accessToken", "expireTime"} of generateAccessToken, which was asked for a life of `wanted`.
GoogleToken read_generated_token(std::string_view body, WallTime now, Seconds wanted);

// A bare ID token, with its claims looked at: `aud` as asked, `exp` believable.
GoogleToken checked_id_token(Secret token, const std::string& audience, WallTime now);
// The claim `email` of a token; "" where it has none.
std::string email_claim(std::string_view token);

struct TokenInfo {
  std::string email;  // "": the token does not show it
  std::vector<std::string> scopes;
};
TokenInfo read_token_info(std::string_view body);

// What `gcloud config config-helper --format=json` prints.
struct GcloudReply {
  std::string account;
  GoogleToken token;
};
GcloudReply read_gcloud_reply(std::string_view text, WallTime now);

// The permissions that testIamPermissions found to be there.
std::vector<std::string> read_permissions(std::string_view body);

// "400 invalid_grant: Invalid JWT Signature." of either form of error; one safe line.
std::string google_problem(const HttpResponse& response);
// The `error` of OAuth, the `status` of the other services, or ""; and OAuth's `error_subtype`.
std::string google_error_code(const HttpResponse& response);
std::string google_error_subtype(const HttpResponse& response);

}  // namespace prodaccess
