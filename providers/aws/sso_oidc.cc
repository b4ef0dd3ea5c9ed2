#include "providers/aws/sso_oidc.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/secret_text.h"
#include "core/base/text.h"
#include "providers/aws/aws_endpoint.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::size_t kLongestToken = 16U << 10;
constexpr Seconds kLongestDevice{3600};
constexpr Seconds kLongestInterval{60};

[[noreturn]] void bad_reply(const std::string& what) {
  throw Error(ErrorCode::Provider, "IAM Identity Center's reply " + what);
}

// A member that must be printable ASCII of a bounded length.
std::string take_text(const Json& object, const char* name, std::size_t limit) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) bad_reply(std::string("has no ") + name);
  auto text = found->get<std::string>();
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 32 && c < 127; });
  if (text.empty() || text.size() > limit || !plain) {
    bad_reply(std::string("has an unusable ") + name);
  }
  return text;
}

std::optional<std::string> take_optional(const Json& object, const char* name, std::size_t limit) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return take_text(object, name, limit);
}

std::int64_t take_number(const Json& object, const char* name, std::int64_t otherwise) {
  const auto found = object.find(name);
  if (found == object.end()) return otherwise;
  if (!found->is_number_integer() || found->get<std::int64_t>() < 0) {
    bad_reply(std::string("has an unusable ") + name);
  }
  return found->get<std::int64_t>();
}

bool repeat_when_busy(const HttpResponse* response) {
  return response == nullptr || response->status == 429 || response->status >= 500;
}

}  // namespace

struct SsoOidc::Reply {
  int status = 0;
  Json body;
  std::string error;        // "authorization_pending"
  std::string description;  // for people

  [[noreturn]] void fail(const std::string& doing) const {
    std::string what = "IAM Identity Center refused " + doing + ": ";
    what += error.empty() ? "status " + std::to_string(status) : escape_for_terminal(error);
    if (!description.empty()) what += " (" + escape_for_terminal(description) + ")";
    throw Error(ErrorCode::Provider, what);
  }
};

std::string sso_origin(const SsoSession& session, const std::string& service) {
  const std::string& given = service == "oidc" ? session.oidc_endpoint : session.portal_endpoint;
  if (given.empty() && !is_aws_region(session.region)) {
    throw Error(ErrorCode::Config, "\"" + escape_for_terminal(session.region) +
                                       "\" is not the region of an IAM Identity Center");
  }
  const std::string url = aws_endpoint(service, session.region, given).url;
  return url.substr(0, url.size() - 1);
}

SsoOidc::SsoOidc(HttpClient& http, const Clock& clock, const SsoSession& session)
    : http_(http), clock_(clock), session_(session) {}

SsoOidc::Reply SsoOidc::post(const std::string& path, Secret body) {
  HttpRequest request;
  request.method = "POST";
  request.url = sso_origin(session_, "oidc") + path;
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = std::move(body);
  request.allow_plain_http = !session_.oidc_endpoint.empty();
  const HttpResponse response = send_with_retries(http_, request, repeat_when_busy);
  Reply reply;
  reply.status = response.status;
  // An error may come from a proxy on the way, in any form.
  if (response.status != 200) {
    try {
      reply.body = parse_json_strictly(response.body.view(), "the reply");
      if (!reply.body.is_object()) return reply;
      reply.error = reply.body.value("error", "");
      reply.description = reply.body.value("error_description", "").substr(0, 400);
    } catch (const Error&) {
      reply.error.clear();
    } catch (const Json::exception&) {
      reply.error.clear();
    }
    return reply;
  }
  reply.body = parse_json_strictly(response.body.view(), "the reply of " + request.url);
  if (!reply.body.is_object()) bad_reply("is no object");
  return reply;
}

SsoClient SsoOidc::register_client() {
  const Json body = {{"clientName", "prodaccess"},
                     {"clientType", "public"},
                     {"scopes", session_.scopes},
                     {"grantTypes", {kDeviceGrant, "refresh_token"}}};
  const Reply reply = post("/client/register", Secret(canonical_json(body)));
  if (reply.status != 200) reply.fail("to register this client");
  SsoClient client;
  client.id = take_text(reply.body, "clientId", 1024);
  client.secret = seal(take_text(reply.body, "clientSecret", kLongestToken));
  const WallTime now = clock_.wall_now();
  const WallTime told{Seconds{take_number(reply.body, "clientSecretExpiresAt", 0)}};
  client.expires_at = std::min(told, now + std::chrono::hours{24 * 366});
  if (client.expires_at <= now) bad_reply("registers a client that has expired already");
  return client;
}

SsoDevice SsoOidc::start_device(const SsoClient& client) {
  SecretText body;
  body.add('{').add_json_member("clientId", client.id);
  body.add_json_member("clientSecret", client.secret.view());
  body.add_json_member("startUrl", session_.start_url).add('}');
  const Reply reply = post("/device_authorization", body.take());
  if (reply.status != 200) reply.fail("a device code for " + session_.start_url);
  SsoDevice device;
  device.device_code = seal(take_text(reply.body, "deviceCode", kLongestToken));
  device.user_code = take_text(reply.body, "userCode", 64);
  const auto complete = take_optional(reply.body, "verificationUriComplete", 2048);
  device.page = complete ? *complete : take_text(reply.body, "verificationUri", 2048);
  if (parse_url(device.page).scheme != "https") bad_reply("names a page without https");
  device.expires_in = std::min(Seconds{take_number(reply.body, "expiresIn", 600)}, kLongestDevice);
  device.interval =
      std::clamp(Seconds{take_number(reply.body, "interval", 5)}, Seconds{1}, kLongestInterval);
  return device;
}

SsoToken SsoOidc::read_token(const Reply& reply) const {
  SsoToken token;
  token.access_token = seal(take_text(reply.body, "accessToken", kLongestToken));
  const auto life = std::clamp(Seconds{take_number(reply.body, "expiresIn", 0)}, Seconds{0},
                               Seconds{std::chrono::hours{24 * 90}});
  if (life == Seconds{0}) bad_reply("gives a token that has expired already");
  token.expires_at = clock_.wall_now() + life;
  if (auto refresh = take_optional(reply.body, "refreshToken", kLongestToken)) {
    token.refresh_token = seal(std::move(*refresh));
  }
  return token;
}

SsoPoll SsoOidc::poll(const SsoClient& client, const SsoDevice& device) {
  SecretText body;
  body.add('{').add_json_member("clientId", client.id);
  body.add_json_member("clientSecret", client.secret.view());
  body.add_json_member("deviceCode", device.device_code.view());
  body.add_json_member("grantType", kDeviceGrant).add('}');
  const Reply reply = post("/token", body.take());
  SsoPoll poll;
  if (reply.status == 200) {
    poll.state = SsoPoll::State::Granted;
    poll.token = read_token(reply);
    return poll;
  }
  poll.detail = reply.description.empty() ? reply.error : reply.description;
  if (reply.error == "authorization_pending") return poll;
  if (reply.error == "slow_down") {
    poll.state = SsoPoll::State::SlowDown;
  } else if (reply.error == "expired_token") {
    poll.state = SsoPoll::State::Expired;
  } else if (reply.error == "access_denied") {
    poll.state = SsoPoll::State::Denied;
  } else {
    reply.fail("a token");
  }
  return poll;
}

std::optional<SsoToken> SsoOidc::refresh(const SsoClient& client, const Secret& refresh_token) {
  SecretText body;
  body.add('{').add_json_member("clientId", client.id);
  body.add_json_member("clientSecret", client.secret.view());
  body.add_json_member("grantType", "refresh_token");
  body.add_json_member("refreshToken", refresh_token.view()).add('}');
  const Reply reply = post("/token", body.take());
  if (reply.status == 200) return read_token(reply);
  for (const char* final : {"invalid_grant", "expired_token", "access_denied", "invalid_client",
                            "unauthorized_client"}) {
    if (reply.error == final) return std::nullopt;
  }
  reply.fail("to refresh the login");
}

}  // namespace prodaccess
