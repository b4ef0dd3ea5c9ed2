#include "providers/aws/sigv4.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

using Fields = std::vector<std::pair<std::string, std::string>>;

// "20260102T030405Z"
std::string amz_date(WallTime time) {
  std::string text = format_rfc3339(std::chrono::floor<Seconds>(time));
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::string scope_text(const SigV4Scope& scope) {
  return amz_date(scope.time).substr(0, 8) + "/" + scope.region + "/" + scope.service +
         "/aws4_request";
}

// Without ".", ".." and empty segments; a final '/' stays.
std::string normalized(const std::string& path) {
  std::vector<std::string> kept;
  const std::vector<std::string> segments = split(path, '/');
  for (const std::string& segment : segments) {
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!segment.empty() && segment != "." && segment != "..") kept.push_back(segment);
  }
  const bool folder = !segments.empty() && (segments.back().empty() || segments.back() == "." ||
                                            segments.back() == "..");
  return "/" + join(kept, "/") + (folder && !kept.empty() ? "/" : "");
}

std::string canonical_path(const SigV4Request& request, const SigV4Scope& scope) {
  const std::string path = scope.normalize_path ? normalized(request.path) : request.path;
  if (path.empty()) return "/";
  std::vector<std::string> segments = split(path, '/');
  for (std::string& segment : segments) segment = percent_encode(segment);
  return join(segments, "/");
}

std::string canonical_query(const std::string& query) {
  Fields fields;
  for (const std::string& part : split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
    fields.emplace_back(percent_encode(percent_decode(part.substr(0, equals))),
                        percent_encode(percent_decode(value)));
  }
  std::sort(fields.begin(), fields.end());
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  }
  return text;
}

// Those that a proxy or the client library may add or change.
bool is_unsigned(const std::string& lower_name) {
  static constexpr std::array<std::string_view, 10> kNames{
      "authorization", "connection",        "expect",  "keep-alive", "te",
      "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"};
  return lower_name.starts_with("proxy-") ||
         std::find(kNames.begin(), kNames.end(), lower_name) != kNames.end();
}

// Trimmed, with each run of blanks as one.
std::string squeezed(std::string_view value) {
  std::string text;
  for (const char c : trim(value)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) text += c;
    if (blank && !text.ends_with(' ')) text += ' ';
  }
  return text;
}

struct CanonicalHeaders {
  std::string lines;
  std::string names;  // a;b;c
};

CanonicalHeaders canonical_headers(const Fields& headers) {
  std::map<std::string, std::string> by_name;
  for (const auto& [name, value] : headers) {
    const std::string lower = to_lower(name);
    if (is_unsigned(lower)) continue;
    const auto [at, first] = by_name.try_emplace(lower, squeezed(value));
    if (!first) at->second.append(",").append(squeezed(value));
  }
  CanonicalHeaders canonical;
  for (const auto& [name, value] : by_name) {
    canonical.lines.append(name).append(":").append(value).append("\n");
    canonical.names.append(canonical.names.empty() ? "" : ";").append(name);
  }
  return canonical;
}

Digest signing_key(const Secret& secret, const SigV4Scope& scope) {
  std::string first("AWS4");
  first += secret.view();
  const Secret key = seal(std::move(first));
  Digest digest = hmac_sha256(key.view(), amz_date(scope.time).substr(0, 8));
  digest = hmac_sha256(bytes_of(digest), scope.region);
  digest = hmac_sha256(bytes_of(digest), scope.service);
  return hmac_sha256(bytes_of(digest), "aws4_request");
}

SigV4Signature sign(const SigV4Request& request, const CanonicalHeaders& headers,
                    const AwsCredential& credential, const SigV4Scope& scope) {
  std::string canonical = request.method;
  canonical.append("\n").append(canonical_path(request, scope));
  canonical.append("\n").append(canonical_query(request.query));
  canonical.append("\n").append(headers.lines);
  canonical.append("\n").append(headers.names);
  canonical.append("\n").append(sha256_hex(request.body));
  SigV4Signature made;
  made.canonical_request = seal(std::move(canonical));
  made.string_to_sign = std::string(kAlgorithm) + "\n" + amz_date(scope.time) + "\n" +
                        scope_text(scope) + "\n" + sha256_hex(made.canonical_request.view());
  Digest key = signing_key(credential.secret_access_key, scope);
  made.signature = hex(hmac_sha256(bytes_of(key), made.string_to_sign));
  wipe(key.data(), key.size());
  return made;
}

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query.append(name).append("=").append(percent_encode(value));
}

std::string wire_target(const SigV4Request& request) {
  return request.query.empty() ? request.path : request.path + "?" + request.query;
}

}  // namespace

SigV4Signature sign_headers(SigV4Request& request, const AwsCredential& credential,
                            const SigV4Scope& scope) {
  Fields& headers = request.headers;
  headers.emplace_back("X-Amz-Date", amz_date(scope.time));
  if (scope.sign_body_hash) headers.emplace_back("X-Amz-Content-Sha256", sha256_hex(request.body));
  const auto add_token = [&] {
    if (credential.temporary()) {
      headers.emplace_back("X-Amz-Security-Token", credential.session_token.view());
    }
  };
  if (!scope.token_after_signing) add_token();
  const CanonicalHeaders canonical = canonical_headers(headers);
  SigV4Signature made = sign(request, canonical, credential, scope);
  if (scope.token_after_signing) add_token();
  headers.emplace_back("Authorization",
                       std::string(kAlgorithm) + " Credential=" + credential.access_key_id + "/" +
                           scope_text(scope) + ", SignedHeaders=" + canonical.names +
                           ", Signature=" + made.signature);
  return made;
}

SigV4Signature sign_query(SigV4Request& request, const AwsCredential& credential,
                          const SigV4Scope& scope, Seconds expires) {
  const CanonicalHeaders canonical = canonical_headers(request.headers);
  std::string& query = request.query;
  add_parameter(query, "X-Amz-Algorithm", kAlgorithm);
  add_parameter(query, "X-Amz-Credential", credential.access_key_id + "/" + scope_text(scope));
  add_parameter(query, "X-Amz-Date", amz_date(scope.time));
  add_parameter(query, "X-Amz-Expires", std::to_string(expires.count()));
  add_parameter(query, "X-Amz-SignedHeaders", canonical.names);
  const auto add_token = [&] {
    if (credential.temporary()) {
      add_parameter(query, "X-Amz-Security-Token", credential.session_token.view());
    }
  };
  if (!scope.token_after_signing) add_token();
  SigV4Signature made = sign(request, canonical, credential, scope);
  if (scope.token_after_signing) add_token();
  add_parameter(query, "X-Amz-Signature", made.signature);
  return made;
}

void sign_http_request(HttpRequest& request, const AwsCredential& credential,
                       const SigV4Scope& scope) {
  const Url url = parse_url(request.url);
  SigV4Request signable{request.method, url.path, url.query, request.headers, request.body.view()};
  signable.headers.emplace_back("Host", url.authority());
  sign_headers(signable, credential, scope);
  request.headers = std::move(signable.headers);
}

Secret presigned_url(const std::string& url, const Fields& headers, const AwsCredential& credential,
                     const SigV4Scope& scope, Seconds expires) {
  const Url parts = parse_url(url);
  SigV4Request signable{"GET", parts.path, parts.query, headers, {}};
  signable.headers.emplace_back("Host", parts.authority());
  sign_query(signable, credential, scope, expires);
  return seal(parts.origin() + wire_target(signable));
}

}  // namespace prodaccess
