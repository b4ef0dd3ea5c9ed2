#include "providers/aws/ecr_login.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/aws/aws_endpoint.h"
#include "providers/aws/sigv4.h"

namespace prodaccess {
namespace {

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

[[noreturn]] void refuse(const HttpResponse& response) {
  std::string why = "status " + std::to_string(response.status);
  try {
    const Json body = parse_json_strictly(response.body.view(), "ECR's reply");
    const std::string type = text_member(body, "__type");
    const std::string message = text_member(body, "message");
    if (!type.empty()) why = escape_for_terminal(type.substr(type.find('#') + 1).substr(0, 100));
    if (!message.empty()) why += ": " + escape_for_terminal(message.substr(0, 400));
  } catch (const Error&) {
    why += ", not in AWS's form";
  }
  throw Error(ErrorCode::Provider, "ECR gave no login: " + why,
              {"the role needs ecr:GetAuthorizationToken"});
}

EcrLogin read_login(const HttpResponse& response) {
  if (response.status != 200) refuse(response);
  const Json reply = parse_json_strictly(response.body.view(), "ECR's reply");
  const auto data = reply.is_object() ? reply.find("authorizationData") : reply.end();
  if (!reply.is_object() || data == reply.end() || !data->is_array() || data->size() != 1) {
    throw Error(ErrorCode::Provider, "ECR's reply has no authorizationData");
  }
  auto decoded = unbase64(text_member(data->front(), "authorizationToken"));
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos || colon == 0 || colon + 1 == decoded->size()) {
    throw Error(ErrorCode::Provider, "ECR's reply has an unusable authorizationToken");
  }
  const Secret whole = seal(std::move(*decoded));
  EcrLogin login{std::string(whole.view().substr(0, colon)),
                 Secret(whole.view().substr(colon + 1))};
  const bool plain = std::all_of(login.password.view().begin(), login.password.view().end(),
                                 [](char c) { return c > 32 && c < 127; });
  if (login.user != "AWS" || !plain) {
    throw Error(ErrorCode::Provider, "ECR's reply has an unusable authorizationToken");
  }
  return login;
}

bool repeat_when_busy(const HttpResponse* response) {
  return response == nullptr || response->status == 429 || response->status >= 500;
}

}  // namespace

std::optional<EcrRegistry> parse_ecr_registry(std::string_view server) {
  std::string host = to_lower(trim(server));
  if (const std::size_t scheme = host.find("://"); scheme != std::string::npos) {
    host = host.substr(scheme + 3);
  }
  host = host.substr(0, host.find('/'));
  const auto labels = split(host, '.');
  // ACCOUNT.dkr.ecr.REGION.amazonaws.com, also .com.cn, also dkr.ecr-fips.
  const bool suffix = host.ends_with(".amazonaws.com")
                          ? labels.size() == 6
                          : host.ends_with(".amazonaws.com.cn") && labels.size() == 7;
  if (!suffix || !is_account(labels[0]) || labels[1] != "dkr" ||
      (labels[2] != "ecr" && labels[2] != "ecr-fips") || !is_aws_region(labels[3])) {
    return std::nullopt;
  }
  return EcrRegistry{host, labels[0], labels[3]};
}

EcrLogin ecr_login(HttpClient& http, const Clock& clock, const AwsCredential& credential,
                   const EcrRegistry& registry, const std::string& endpoint) {
  const AwsEndpoint where = endpoint.empty() ? aws_endpoint("api.ecr", registry.region)
                                             : aws_endpoint("ecr", registry.region, endpoint);
  HttpRequest request;
  request.method = "POST";
  request.url = where.url;
  request.headers = {
      {"Content-Type", "application/x-amz-json-1.1"},
      {"X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"}};
  request.body = Secret(std::string_view("{}"));
  request.allow_plain_http = where.allow_plain_http;
  request.ca_file = where.ca_file;
  sign_http_request(request, credential, {registry.region, "ecr", clock.wall_now()});
  return read_login(send_with_retries(http, request, repeat_when_busy));
}

}  // namespace prodaccess
