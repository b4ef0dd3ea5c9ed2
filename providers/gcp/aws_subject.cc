// AWS as the source of a federation: proves who we are to AWS by a signed GetCallerIdentity, which
// Google sends on (google.aip.dev/auth/4117, "AWS").
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/aws/sigv4.h"
#include "providers/gcp/subject_token.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr Milliseconds kPatience{5'000};
constexpr std::size_t kLongestWord = 256;

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::Provider, what); }

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// The instance metadata service, version 2 where the file names the address of its session.
class InstanceMetadata {
 public:
  InstanceMetadata(GoogleApi& api, const AwsSource& source) : api_(api) {
    if (source.session_url.empty()) return;
    HttpRequest request;
    request.method = "PUT";
    request.url = source.session_url;
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "300"}};
    session_ = Secret(trim(send(std::move(request)).view()));
  }

  Secret get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    if (!session_.empty()) {
      request.headers = {{"X-aws-ec2-metadata-token", std::string(session_.view())}};
    }
    return send(std::move(request));
  }

 private:
  Secret send(HttpRequest request) {
    request.timeout = kPatience;
    const std::string what = request.method + " " + request.url;
    HttpResponse response = api_.send(std::move(request));
    if (response.status != 200) fail(what + ": status " + std::to_string(response.status));
    return std::move(response.body);
  }

  GoogleApi& api_;
  Secret session_;
};

AwsCredential from_environment(const GcpHost& host) {
  AwsCredential credential;
  credential.access_key_id = host.variable("AWS_ACCESS_KEY_ID");
  credential.secret_access_key = Secret(host.variable("AWS_SECRET_ACCESS_KEY"));
  credential.session_token = Secret(host.variable("AWS_SESSION_TOKEN"));
  return credential;
}

Secret member_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string())
    fail("the instance metadata has no " + std::string(name));
  return seal(found->get<std::string>());
}

AwsCredential from_instance(InstanceMetadata& metadata, const AwsSource& source) {
  if (source.credentials_url.empty()) {
    fail("there are no AWS keys in the environment, and the file names no metadata service");
  }
  const Secret role = metadata.get(source.credentials_url);
  const std::string name(trim(role.view()));
  if (name.empty() || name.size() > kLongestWord) fail("the instance has no AWS role");
  const Secret text = metadata.get(source.credentials_url + "/" + percent_encode(name));
  const Json object = parse_json_strictly(text.view(), "the instance metadata");
  if (!object.is_object()) fail("the instance metadata is no object");
  return {std::string(member_of(object, "AccessKeyId").view()),
          member_of(object, "SecretAccessKey"), member_of(object, "Token"), std::nullopt, ""};
}

std::string region_of(const GcpHost& host, InstanceMetadata& metadata, const AwsSource& source) {
  std::string region = host.variable("AWS_REGION");
  if (region.empty()) region = host.variable("AWS_DEFAULT_REGION");
  if (region.empty()) {
    if (source.region_url.empty()) fail("AWS_REGION is not set, and the file names no region_url");
    const Secret zone = metadata.get(source.region_url);  // "us-east-2b"
    region = trim(zone.view());
    if (!region.empty()) region.pop_back();
  }
  if (!is_region(region)) fail("\"" + escape_for_terminal(region) + "\" is no AWS region");
  return region;
}

std::string in_region(std::string url, const std::string& region) {
  const std::string place = "{region}";
  const std::size_t at = url.find(place);
  return at == std::string::npos ? url : url.replace(at, place.size(), region);
}

}  // namespace

Secret fetch_aws_subject(const GcpHost& host, GoogleApi& api, const ExternalAccountFile& file,
                         const AwsSource& source) {
  AwsCredential credential = from_environment(host);
  const bool has_keys = !credential.access_key_id.empty() && !credential.secret_access_key.empty();
  const bool has_region =
      !host.variable("AWS_REGION").empty() || !host.variable("AWS_DEFAULT_REGION").empty();
  AwsSource asked = source;
  if (has_keys && has_region) asked.session_url.clear();  // the metadata is not needed
  InstanceMetadata metadata(api, asked);
  if (!has_keys) credential = from_instance(metadata, source);
  const std::string region = region_of(host, metadata, source);

  HttpRequest request;
  request.method = "POST";
  request.url = in_region(source.verification_url, region);
  request.headers = {{"x-goog-cloud-target-resource", file.audience}};
  SigV4Scope scope;
  scope.region = region;
  scope.service = "sts";
  scope.time = host.clock.wall_now();
  sign_http_request(request, credential, scope);

  Json headers = Json::array();
  for (const auto& [name, value] : request.headers) {
    headers.push_back(
        {{"key", to_lower(name) == "authorization" ? "Authorization" : to_lower(name)},
         {"value", value}});
  }
  const Json subject = {{"headers", std::move(headers)}, {"method", "POST"}, {"url", request.url}};
  return seal(percent_encode(canonical_json(subject)));
}

}  // namespace prodaccess
