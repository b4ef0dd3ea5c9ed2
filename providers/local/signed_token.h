// Signed tokens: JSON Web Tokens with EdDSA over Ed25519 (RFC 7519, RFC 8037), and the key set that
// services check them with (RFC 7517). Nothing here reads a token.
#pragma once

#include <string>
#include <string_view>

#include "core/base/ed25519.h"
#include "core/base/json.h"
#include "core/base/secret.h"

namespace prodaccess {

// The key's name in `kid`: its thumbprint (RFC 7638).
std::string key_thumbprint(std::string_view public_key);

// The compact form. `type` is the header's `typ` ("JWT", "prodaccess-denied+jwt").
Secret sign_token(const Json& claims, std::string_view type, const Ed25519Key& authority);

// A key set with the one public key.
Json json_web_key_set(std::string_view public_key);

}  // namespace prodaccess
