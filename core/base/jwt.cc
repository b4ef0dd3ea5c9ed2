#include "core/base/jwt.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {

Secret compact_jwt(const Json& header, const Json& claims, const JwtSigner& sign) {
  const std::string signed_part =
      base64url(canonical_json(header)) + "." + base64url(canonical_json(claims));
  return seal(signed_part + "." + base64url(sign(signed_part)));
}

std::optional<Json> unverified_claims(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
  const auto payload = unbase64(token.substr(first + 1, second - first - 1));
  if (!payload) return std::nullopt;
  try {
    Json claims = parse_json_strictly(*payload, "the token");
    if (claims.is_object()) return claims;
  } catch (const Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace prodaccess
