// JSON Web Tokens in their compact form (RFC 7515, RFC 7519): put together with a signature that
// the caller makes, and taken apart without checking one. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/secret.h"

namespace prodaccess {

// The raw signature over the text it is given.
using JwtSigner = std::function<std::string(std::string_view)>;

Secret compact_jwt(const Json& header, const Json& claims, const JwtSigner& sign);

// The claims of a token that came from where it is to be believed: the signature is not looked at.
// Absent: it is no token, or its claims are no object.
std::optional<Json> unverified_claims(std::string_view token);

}  // namespace prodaccess
