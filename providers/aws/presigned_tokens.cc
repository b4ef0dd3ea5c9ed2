#include "providers/aws/presigned_tokens.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"
#include "providers/aws/aws_endpoint.h"
#include "providers/aws/sigv4.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::string_view kEksPrefix = "k8s-aws-v1.";
constexpr Seconds kEksSigned{60};  // STS takes it for 15 minutes whatever this says
constexpr Seconds kEksLife{14 * 60};
constexpr Seconds kRdsLife{15 * 60};

void require_plain(std::string_view what, std::string_view text, std::string_view others) {
  const bool plain = std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
  });
  if (plain && !text.empty() && text.size() <= 253) return;
  throw Error(ErrorCode::Usage,
              "\"" + escape_for_terminal(text) + "\" is not the name of a " + std::string(what));
}

void require_region(const std::string& region) {
  if (is_aws_region(region)) return;
  throw Error(ErrorCode::Usage, "\"" + escape_for_terminal(region) + "\" is no region of AWS");
}

WallTime earlier(WallTime end, const AwsCredential& credential) {
  return credential.expires_at ? std::min(end, *credential.expires_at) : end;
}

// base64url without padding, in wiped memory.
Secret base64url_secret(std::string_view bytes) { return seal(base64url(bytes)); }

}  // namespace

PresignedToken eks_token(const AwsCredential& credential, const std::string& region,
                         const std::string& cluster, WallTime now) {
  require_plain("cluster", cluster, "-_");
  require_region(region);
  const AwsEndpoint endpoint = aws_endpoint("sts", region);
  const SigV4Scope scope{endpoint.region, endpoint.service, now};
  const Secret url = presigned_url(endpoint.url + "?Action=GetCallerIdentity&Version=2011-06-15",
                                   {{"x-k8s-aws-id", cluster}}, credential, scope, kEksSigned);
  SecretText token;
  token.add(kEksPrefix).add(base64url_secret(url.view()).view());
  return {token.take(), earlier(now + kEksLife, credential)};
}

PresignedToken rds_token(const AwsCredential& credential, const std::string& region,
                         const DatabaseLogin& login, WallTime now) {
  require_plain("database host", login.host, "-.");
  if (login.user.empty()) throw Error(ErrorCode::Usage, "the database user has no name");
  require_region(region);
  const std::string url = "https://" + to_lower(login.host) + ":" + std::to_string(login.port) +
                          "/?Action=connect&DBUser=" + percent_encode(login.user);
  const SigV4Scope scope{region, "rds-db", now};
  const Secret presigned = presigned_url(url, {}, credential, scope, kRdsLife);
  return {Secret(presigned.view().substr(std::string_view("https://").size())),
          earlier(now + kRdsLife, credential)};
}

}  // namespace prodaccess
