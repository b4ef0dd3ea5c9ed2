#include "providers/aws/metadata_credentials.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr const char* kContainerHost = "http://169.254.170.2";
constexpr const char* kInstanceHost = "http://169.254.169.254";
constexpr const char* kInstanceHostV6 = "http://[fd00:ec2::254]";
constexpr const char* kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr Milliseconds kContainerPatience{2000};
constexpr std::int64_t kInstancePatience = 1;  // seconds, of each request
constexpr std::int64_t kMostPatience = 10;

std::string variable(const AwsEnvironment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

bool is_true(const std::string& text) { return to_lower(text) == "true"; }

// Plain HTTP goes to the container hosts of AWS and to this machine; anything else is HTTPS.
void require_container_host(const Url& url) {
  static constexpr std::array<std::string_view, 4> kOthers{"169.254.169.254", "fd00:ec2::254",
                                                           "metadata.google.internal", "0.0.0.0"};
  const bool other =
      std::find(kOthers.begin(), kOthers.end(), std::string_view(url.host)) != kOthers.end();
  if (url.scheme == "https" || (is_local_host(url.host) && !other)) return;
  throw Error(ErrorCode::Provider,
              "AWS_CONTAINER_CREDENTIALS_FULL_URI leads to " + url.host +
                  ", which is not allowed over plain HTTP",
              {"loopback, 169.254.170.2, 169.254.170.23, [fd00:ec2::23], or https"});
}

// Sent as it is, from the file before the variable.
Secret container_authorization(Files& files, const AwsEnvironment& environment) {
  const std::string file = variable(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  Secret token(variable(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN"));
  std::string source = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
  if (!file.empty()) {
    // The cluster's agent puts it there, as links that belong to root and that it swaps.
    auto text = files.read_untrusted(file, 64U << 10);
    if (!text) throw Error(ErrorCode::Provider, "there is no token file " + file);
    token = seal(std::move(*text));
    source = file;
  }
  if (token.view().find_first_of("\r\n") != std::string_view::npos) {
    throw Error(ErrorCode::Provider, "the token of " + source + " has a line end in it");
  }
  return token;
}

HttpRequest metadata_request(const std::string& url, Milliseconds patience) {
  HttpRequest request;
  request.url = url;
  request.timeout = patience;
  request.allow_plain_http = true;
  return request;
}

std::string instance_host(const AwsEnvironment& environment) {
  std::string host = variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  while (host.ends_with('/')) host.pop_back();
  if (!host.empty()) return host;
  const bool v6 =
      to_lower(variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")) == "ipv6";
  return v6 ? kInstanceHostV6 : kInstanceHost;
}

Milliseconds instance_patience(const AwsEnvironment& environment) {
  const std::string asked = variable(environment, "AWS_METADATA_SERVICE_TIMEOUT");
  std::int64_t seconds = kInstancePatience;  // kept where what is asked for is no number
  std::from_chars(asked.data(), asked.data() + asked.size(), seconds);
  return Seconds{std::clamp(seconds, kInstancePatience, kMostPatience)};
}

bool is_worth_another_try(const HttpResponse* reply) {
  return reply == nullptr || reply->status >= 500 || reply->status == 429;
}

// "" : nobody answers where no instance is expected.
std::string session_token_of_imds(HttpClient& http, const std::string& host, Milliseconds patience,
                                  InstanceRole role) {
  HttpRequest request = metadata_request(host + "/latest/api/token", patience);
  request.method = "PUT";
  request.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "300");
  HttpResponse response;
  try {
    response = role == InstanceRole::Expected
                   ? send_with_retries(http, request, is_worth_another_try)
                   : http.send(request);
  } catch (const HttpFailure& failure) {
    if (role == InstanceRole::Possible) return "";
    throw Error(ErrorCode::Provider,
                "no instance metadata service answers: " + std::string(failure.what()),
                {"in a container its answer may need a second hop: aws ec2 "
                 "modify-instance-metadata-options --http-put-response-hop-limit 2 --instance-id "
                 "ID"});
  }
  if (response.status == 200) return std::string(trim(response.body.view()));
  throw Error(ErrorCode::Provider, "the instance metadata service at " + host +
                                       " gives no token (HTTP " + std::to_string(response.status) +
                                       "); version 1, which asks for none, is never used");
}

HttpResponse get_from_imds(HttpClient& http, const std::string& url, const std::string& token,
                           Milliseconds patience) {
  HttpRequest request = metadata_request(url, patience);
  request.headers.emplace_back("X-aws-ec2-metadata-token", token);
  return send_with_retries(http, request, is_worth_another_try);
}

// A field that is there must be text: what stands for one of another kind is refused as malformed.
std::string credential_member(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  const bool another_kind = found != object.end() && !found->is_null() && !found->is_string();
  return another_kind ? "\n" : text_member(object, name);
}

}  // namespace

AwsCredential read_credential_json(std::string_view text, std::string_view token_name,
                                   const std::string& source) {
  Json object;
  try {
    object = parse_json_strictly(text, "the reply of " + source);
  } catch (const Error&) {
    // The parser's message could quote what it read.
    throw Error(ErrorCode::Provider, "the reply of " + source + " is not JSON");
  }
  if (!object.is_object()) {
    throw Error(ErrorCode::Provider, "the reply of " + source + " is not an object");
  }
  const std::string code = credential_member(object, "Code");
  if (!code.empty() && code != "Success") {
    throw Error(ErrorCode::Provider,
                source + " gives no keys: " + escape_for_terminal(code.substr(0, 64)) + " " +
                    escape_for_terminal(credential_member(object, "Message").substr(0, 200)));
  }
  AwsCredential credential;
  credential.access_key_id = credential_member(object, "AccessKeyId");
  credential.secret_access_key = seal(credential_member(object, "SecretAccessKey"));
  credential.session_token = seal(credential_member(object, token_name));
  credential.account_id = credential_member(object, "AccountId");
  const std::string end = credential_member(object, "Expiration");
  if (!end.empty()) {
    credential.expires_at = parse_rfc3339(end);
    if (!credential.expires_at) {
      throw Error(ErrorCode::Provider, "the reply of " + source + " has an Expiration of no form");
    }
  }
  credential.require_well_formed(source);
  return credential;
}

std::optional<AwsCredential> container_credentials(HttpClient& http, Files& files,
                                                   const AwsEnvironment& environment) {
  const std::string relative = variable(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = variable(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty()) return std::nullopt;
  if (!relative.empty() && relative.front() != '/') {
    throw Error(ErrorCode::Provider, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI begins with no '/'");
  }
  const std::string url = relative.empty() ? full : kContainerHost + relative;
  const Url parts = parse_url(url);
  require_container_host(parts);
  HttpRequest request = metadata_request(url, kContainerPatience);
  const Secret authorization = container_authorization(files, environment);
  if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization.view());
  const HttpResponse response = send_with_retries(http, request, is_worth_another_try);
  const std::string source = "the container endpoint " + parts.origin();
  if (response.status != 200) {
    throw Error(ErrorCode::Provider, source + " answers HTTP " + std::to_string(response.status));
  }
  return read_credential_json(response.body.view(), "Token", source);
}

std::optional<AwsCredential> instance_credentials(HttpClient& http,
                                                  const AwsEnvironment& environment,
                                                  InstanceRole expected) {
  if (is_true(variable(environment, "AWS_EC2_METADATA_DISABLED"))) return std::nullopt;
  const std::string host = instance_host(environment);
  const Milliseconds patience = instance_patience(environment);
  const std::string token = session_token_of_imds(http, host, patience, expected);
  if (token.empty()) return std::nullopt;
  const HttpResponse role = get_from_imds(http, host + kRolePath, token, patience);
  if (role.status == 404) return std::nullopt;
  const std::string name(trim(role.body.view()));
  const bool usable = role.status == 200 && !name.empty() && name.size() <= 128 &&
                      percent_encode(name).size() <= name.size() + 64 &&
                      name.find_first_of("/\r\n ") == std::string::npos;
  if (!usable) {
    throw Error(ErrorCode::Provider, "the instance metadata service names no role (HTTP " +
                                         std::to_string(role.status) + ")");
  }
  const HttpResponse keys =
      get_from_imds(http, host + kRolePath + percent_encode(name), token, patience);
  if (keys.status != 200) {
    throw Error(ErrorCode::Provider, "the instance metadata service gives no keys (HTTP " +
                                         std::to_string(keys.status) + ")");
  }
  return read_credential_json(keys.body.view(), "Token", "the instance metadata service");
}

}  // namespace prodaccess
