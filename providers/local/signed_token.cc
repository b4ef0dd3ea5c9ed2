#include "providers/local/signed_token.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/jwt.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

namespace prodaccess {

std::string key_thumbprint(std::string_view public_key) {
  const Json members = {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", base64url(public_key)}};
  return base64url(bytes_of(sha256(canonical_json(members))));
}

Secret sign_token(const Json& claims, std::string_view type, const Ed25519Key& authority) {
  const Json header = {
      {"alg", "EdDSA"}, {"typ", type}, {"kid", key_thumbprint(authority.public_key())}};
  return compact_jwt(header, claims,
                     [&](std::string_view signed_part) { return authority.sign(signed_part); });
}

Json json_web_key_set(std::string_view public_key) {
  const Json key = {{"kty", "OKP"},   {"crv", "Ed25519"}, {"x", base64url(public_key)},
                    {"alg", "EdDSA"}, {"use", "sig"},     {"kid", key_thumbprint(public_key)}};
  return {{"keys", Json::array({key})}};
}

}  // namespace prodaccess
