#include "providers/gcp/google_api.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr const char* kExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr const char* kAccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
constexpr const char* kExtension = "constraints/iam.allowServiceAccountCredentialLifetimeExtension";
constexpr Seconds kCommonLife{3600};
constexpr Seconds kSkew{120};

bool again(const HttpResponse* response) {
  if (response == nullptr) return true;
  const int status = response->status;
  return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

std::vector<std::string> delegate_names(const std::vector<std::string>& delegates) {
  std::vector<std::string> names;
  names.reserve(delegates.size());
  for (const std::string& account : delegates) {
    names.push_back("projects/-/serviceAccounts/" + account);
  }
  return names;
}

Json boundary_options(const std::vector<GcpBoundaryRule>& boundary) {
  Json rules = Json::array();
  for (const GcpBoundaryRule& rule : boundary) {
    Json written = {{"availableResource", rule.resource},
                    {"availablePermissions", rule.permissions}};
    if (!rule.condition.empty()) {
      written["availabilityCondition"] = {{"title", "prodaccess"}, {"expression", rule.condition}};
    }
    rules.push_back(std::move(written));
  }
  return {{"accessBoundary", {{"accessBoundaryRules", std::move(rules)}}}};
}

[[noreturn]] void refuse_account(const HttpResponse& response, const std::string& doing,
                                 const GcpTier& tier, Seconds life) {
  std::vector<std::string> hints;
  const std::string first = tier.delegates.empty() ? tier.service_account : tier.delegates.front();
  if (response.status == 400 && life > kCommonLife) {
    hints.push_back("a life of more than 1h needs " + tier.service_account +
                    " in the organisation policy " + kExtension);
  }
  if (response.status == 403 || response.status == 404) {
    hints.push_back("the base identity needs roles/iam.serviceAccountTokenCreator on " + first +
                    (tier.delegates.empty() ? "" : ", and each delegate on the next account") +
                    "; a grant of it takes some minutes to count");
  }
  if (response.status == 401) hints.push_back("the base identity is not accepted");
  throw Error(
      ErrorCode::Provider,
      "Google would not " + doing + " " + tier.service_account + ": " + google_problem(response),
      std::move(hints));
}

}  // namespace

GoogleApi::GoogleApi(HttpClient& client, const Clock& clock, const GcpEndpoints& endpoints,
                     std::string quota_project)
    : client_(client),
      clock_(clock),
      endpoints_(endpoints),
      quota_project_(std::move(quota_project)) {}

HttpResponse GoogleApi::send(HttpRequest request) {
  request.ca_file = endpoints_.ca_file;
  request.allow_plain_http = true;  // to this machine: HttpClient sees to that
  HttpResponse response = send_with_retries(client_, request, &again);
  if (const auto date = response.header("date")) server_time_ = parse_http_date(*date);
  return response;
}

HttpResponse GoogleApi::post_form(const std::string& url, const FormFields& form) {
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body = seal(form_encode(form));
  return send(std::move(request));
}

// The hints say what each of these really means; Google's own words seldom do.
void GoogleApi::refuse_grant(const HttpResponse& response, const std::string& whose) const {
  const std::string problem = google_problem(response);
  std::vector<std::string> hints;
  if (google_error_code(response) == "invalid_grant") {
    const auto apart = server_time_ ? *server_time_ - clock_.wall_now() : Milliseconds{0};
    const Seconds skew = std::chrono::round<std::chrono::seconds>(std::chrono::abs(apart));
    if (skew > kSkew) {
      hints.push_back("this machine's clock is " + format_duration(skew) +
                      (apart.count() > 0 ? " behind" : " ahead of") + " Google's: set it");
    } else if (whose == kLogin) {
      const bool again = google_error_subtype(response) == "invalid_rapt";
      hints.push_back(std::string(again ? "Google wants the login confirmed again"
                                        : "the login has ended or was revoked") +
                      ": gcloud auth application-default login");
    } else if (problem.find("Signature") != std::string::npos) {
      hints.push_back("the key was deleted, or belongs to another account");
    }
  }
  throw Error(ErrorCode::Provider, "Google does not accept " + whose + ": " + problem,
              std::move(hints));
}

GoogleToken GoogleApi::oauth_token(const FormFields& form, const std::string& whose) {
  const WallTime now = clock_.wall_now();
  const HttpResponse response = post_form(endpoints_.oauth2 + "/token", form);
  if (response.status != 200) refuse_grant(response, whose);
  return read_oauth_token(response.body.view(), now);
}

GoogleToken GoogleApi::oauth_id_token(const FormFields& form, const std::string& audience,
                                      const std::string& whose) {
  const HttpResponse response = post_form(endpoints_.oauth2 + "/token", form);
  if (response.status != 200) refuse_grant(response, whose);
  return read_id_token(response.body.view(), "id_token", audience, clock_.wall_now());
}

GoogleToken GoogleApi::exchange(FormFields form) {
  const WallTime now = clock_.wall_now();
  form.emplace_back("grant_type", kExchangeGrant);
  form.emplace_back("requested_token_type", kAccessTokenType);
  const HttpResponse response = post_form(endpoints_.sts + "/v1/token", form);
  if (response.status != 200) refuse_grant(response, "the external token");
  return read_oauth_token(response.body.view(), now);
}

GoogleToken GoogleApi::downscope(const GoogleToken& subject,
                                 const std::vector<GcpBoundaryRule>& boundary) {
  const WallTime now = clock_.wall_now();
  // Encoded here, and once more as a form field: so the service wants it.
  const std::string options = percent_encode(canonical_json(boundary_options(boundary)));
  const HttpResponse response =
      post_form(endpoints_.sts + "/v1/token", {{"grant_type", kExchangeGrant},
                                               {"requested_token_type", kAccessTokenType},
                                               {"subject_token_type", kAccessTokenType},
                                               {"subject_token", std::string(subject.token.view())},
                                               {"options", options}});
  if (response.status != 200) refuse_grant(response, "the boundary");
  GoogleToken token = read_oauth_token(response.body.view(), now, subject.expires_at);
  token.expires_at = std::min(token.expires_at, subject.expires_at);
  return token;
}

HttpResponse GoogleApi::call_account(const GoogleToken& base, const std::string& account,
                                     const std::string& method, const Json& body) {
  HttpRequest request;
  request.method = "POST";
  request.url = endpoints_.service_account_url(account, method);
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  if (!quota_project_.empty()) request.headers.emplace_back("X-Goog-User-Project", quota_project_);
  request.headers.emplace_back("Authorization", "Bearer ");
  request.headers.back().second += base.token.view();
  request.body = Secret(canonical_json(body));
  return send(std::move(request));
}

GoogleToken GoogleApi::generate_access_token(const GoogleToken& base, const GcpTier& tier,
                                             const std::vector<std::string>& scopes, Seconds life) {
  const WallTime now = clock_.wall_now();
  const HttpResponse response = call_account(base, tier.service_account, "generateAccessToken",
                                             {{"scope", scopes},
                                              {"lifetime", std::to_string(life.count()) + "s"},
                                              {"delegates", delegate_names(tier.delegates)}});
  if (response.status != 200) refuse_account(response, "issue an access token of", tier, life);
  return read_generated_token(response.body.view(), now, life);
}

GoogleToken GoogleApi::generate_id_token(const GoogleToken& base, const GcpTier& tier,
                                         const std::string& audience) {
  const HttpResponse response = call_account(base, tier.service_account, "generateIdToken",
                                             {{"audience", audience},
                                              {"includeEmail", true},
                                              {"delegates", delegate_names(tier.delegates)}});
  if (response.status != 200) refuse_account(response, "issue an ID token of", tier, Seconds{0});
  return read_id_token(response.body.view(), "token", audience, clock_.wall_now());
}

TokenInfo GoogleApi::token_info(std::string_view token) {
  // As a form: an address is written to logs.
  const HttpResponse response =
      post_form(endpoints_.oauth2 + "/tokeninfo", {{"access_token", std::string(token)}});
  if (response.status != 200) {
    throw Error(ErrorCode::Provider,
                "Google does not know the token that it issued: " + google_problem(response));
  }
  return read_token_info(response.body.view());
}

std::optional<std::vector<std::string>> GoogleApi::permissions_on(
    const GoogleToken& base, const std::string& account,
    const std::vector<std::string>& permissions) {
  const HttpResponse response =
      call_account(base, account, "testIamPermissions", {{"permissions", permissions}});
  if (response.status != 200) return std::nullopt;
  return read_permissions(response.body.view());
}

void GoogleApi::revoke(std::string_view refresh_token) {
  const HttpResponse response =
      post_form(endpoints_.oauth2 + "/revoke", {{"token", std::string(refresh_token)}});
  const bool dead = response.status == 400 && google_error_code(response) == "invalid_token";
  if (response.status != 200 && !dead) {
    throw Error(ErrorCode::Provider,
                "Google would not revoke the login: " + google_problem(response));
  }
}

}  // namespace prodaccess
