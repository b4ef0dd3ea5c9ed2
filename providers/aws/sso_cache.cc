#include "providers/aws/sso_cache.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha1.h"

namespace prodaccess {
namespace {

constexpr Seconds kFreshEnough{60};

// Portals are written with and without what a browser adds.
std::string plain_portal(std::string url) {
  while (url.ends_with('/') || url.ends_with('#')) url.pop_back();
  return url;
}

std::optional<Secret> token_in(std::string_view text, const SsoSession& session, WallTime now) {
  Json object;
  try {
    object = parse_json_strictly(text, "a cached login");
  } catch (const Error&) {
    return std::nullopt;
  }
  const Secret token = seal(text_member(object, "accessToken"));
  const auto end = parse_rfc3339(text_member(object, "expiresAt"));
  const bool ours =
      plain_portal(text_member(object, "startUrl")) == plain_portal(session.start_url) &&
      text_member(object, "region") == session.region;
  if (!ours || token.empty() || !end || *end <= now + kFreshEnough) return std::nullopt;
  return token.duplicate();
}

}  // namespace

std::optional<Secret> cached_sso_token(Files& files, const std::filesystem::path& home,
                                       const SsoSession& session, WallTime now) {
  for (const std::string& key : {session.name, session.start_url}) {
    const auto path = home / ".aws/sso/cache" / (sha1_hex(key) + ".json");
    const auto text = files.read_secret(files.follow_links(path), 64U << 10);
    if (!text) continue;
    if (auto token = token_in(text->view(), session, now)) return token;
  }
  return std::nullopt;
}

}  // namespace prodaccess
