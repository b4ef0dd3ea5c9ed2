#include "providers/kubernetes/kubernetes_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/jwt.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestMessage = 300;
constexpr std::size_t kLongestToken = 32U << 10;
constexpr const char* kReviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
constexpr const char* kRules = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
constexpr const char* kAccess = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

bool overloaded(const HttpResponse& response) {
  return response.status == 429 || response.status == 500 || response.status == 502 ||
         response.status == 503 || response.status == 504;
}

// Repeating makes nothing twice.
bool when_harmless(const HttpResponse* response) {
  return response == nullptr || overloaded(*response);
}

// Only where the server said that it did nothing.
bool when_refused_early(const HttpResponse* response) {
  return response != nullptr && response->status == 429;
}

[[noreturn]] void fail(const std::string& doing, const HttpResponse& response) {
  std::vector<std::string> hints;
  if (response.status == 401) hints.push_back("the base identity of the role is not accepted");
  if (response.status == 403) {
    hints.push_back(
        "the base identity needs create on serviceaccounts/token, and create and "
        "delete on secrets, in that namespace");
  }
  throw Error(ErrorCode::Provider,
              "Kubernetes would not " + doing + ": " + kubernetes_problem(response),
              std::move(hints));
}

Json body_of(const HttpResponse& response, const std::string& what) {
  Json body = parse_json_strictly(response.body.view(), "the reply to " + what);
  if (!body.is_object()) throw Error(ErrorCode::Provider, "the reply to " + what + " is no object");
  return body;
}

std::string text_at(const Json& object, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  return object.contains(at) && object.at(at).is_string() ? object.at(at).get<std::string>() : "";
}

// Reading, for the server, is also how one runs programs in pods and takes secrets.
bool is_more_than_data(const Json& resource) {
  static const std::set<std::string, std::less<>> kMore = {
      "*",          "secrets",        "pods/exec",   "pods/attach",   "pods/portforward",
      "pods/proxy", "services/proxy", "nodes/proxy", "pods/*",        "services/*",
      "nodes/*",    "*/exec",         "*/attach",    "*/portforward", "*/proxy"};
  return !resource.is_string() || kMore.contains(resource.get<std::string>());
}

bool only_reads(const Json& rule) {
  const Json verbs = rule.value("verbs", Json::array());
  const Json resources = rule.value("resources", Json::array());
  return std::none_of(resources.begin(), resources.end(), is_more_than_data) &&
         std::all_of(verbs.begin(), verbs.end(), [](const Json& verb) {
           return verb == "get" || verb == "list" || verb == "watch";
         });
}

// What every authenticated identity may create: questions about itself.
bool is_self_review(const Json& rule) {
  const Json groups = rule.value("apiGroups", Json::array());
  const Json resources = rule.value("resources", Json::array());
  const auto about_itself = [](const Json& name) {
    return name.is_string() && name.get<std::string>().starts_with("selfsubject");
  };
  return !resources.empty() && std::all_of(resources.begin(), resources.end(), about_itself) &&
         std::all_of(groups.begin(), groups.end(), [](const Json& group) {
           return group == "authorization.k8s.io" || group == "authentication.k8s.io";
         });
}

std::string words(const Json& list) {
  std::vector<std::string> parts;
  for (const Json& item : list) {
    if (item.is_string()) parts.push_back(item.get<std::string>());
  }
  return escape_for_terminal(join(parts, ",")).substr(0, kLongestMessage);
}

std::string first_beyond_reading(const Json& status) {
  if (status.value("incomplete", true)) return "rules that the server cannot list";
  for (const char* kind : {"resourceRules", "nonResourceRules"}) {
    for (const Json& rule : status.value(kind, Json::array())) {
      if (only_reads(rule) || is_self_review(rule)) continue;
      return words(rule.value("verbs", Json::array())) + " on " +
             words(rule.value("resources", rule.value("nonResourceURLs", Json::array())));
    }
  }
  return "";
}

}  // namespace

std::string kubernetes_problem(const HttpResponse& response) {
  std::string text = "status " + std::to_string(response.status);
  try {
    const Json status = parse_json_strictly(response.body.view(), "the reply");
    const std::string reason = status.is_object() ? text_at(status, "/reason") : "";
    const std::string message = status.is_object() ? text_at(status, "/message") : "";
    if (!reason.empty()) text += " " + reason;
    if (!message.empty()) text += ": " + message.substr(0, kLongestMessage);
  } catch (const Error&) {
    return text;  // a proxy's page: its text is nobody's business
  }
  return escape_for_terminal(text);
}

std::optional<std::string> token_subject(std::string_view token) {
  const auto claims = unverified_claims(token);
  if (!claims || !claims->contains("sub") || !claims->at("sub").is_string()) return std::nullopt;
  return claims->at("sub").get<std::string>();
}

KubernetesApi::KubernetesApi(HttpClient& client, const KubernetesParameters& parameters,
                             Secret base_token)
    : client_(client), parameters_(parameters), base_token_(std::move(base_token)) {}

std::string KubernetesApi::namespace_path() const {
  return "/api/v1/namespaces/" + parameters_.name_space;
}

HttpResponse KubernetesApi::send(const std::string& method, const std::string& path,
                                 const std::string& body, std::string_view token,
                                 const RetryRule& again) {
  HttpRequest request;
  request.method = method;
  request.url = parameters_.server + path;
  request.ca_file = parameters_.ca_file;
  request.headers = {{"Accept", "application/json"}};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = Secret(body);
  const bool as_base = token.empty();
  if (as_base && parameters_.auth == KubernetesAuth::ClientCertificate) {
    request.client_certificate = parameters_.client_certificate;
    request.client_key = parameters_.client_key;
  } else {
    request.headers.emplace_back("Authorization", "Bearer ");
    request.headers.back().second += as_base ? base_token_.view() : token;
  }
  return send_with_retries(client_, request, again);
}

KubernetesSecretRef KubernetesApi::create_secret(const std::string& name, const std::string& grant,
                                                 WallTime until) {
  const Json body = {
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"type", "Opaque"},
      {"metadata",
       {{"name", name},
        {"labels", {{"app.kubernetes.io/managed-by", "prodaccess"}}},
        {"annotations",
         {{"prodaccess/grant", grant}, {"prodaccess/until", format_rfc3339(until)}}}}}};
  const HttpResponse response =
      send("POST", namespace_path() + "/secrets", canonical_json(body), {}, when_refused_early);
  if (response.status != 201) fail("create the secret that the token is bound to", response);
  const std::string uid = text_at(body_of(response, "the new secret"), "/metadata/uid");
  if (uid.empty()) throw Error(ErrorCode::Provider, "Kubernetes gave the new secret no uid");
  return {name, uid};
}

void KubernetesApi::delete_secret(const std::string& name) {
  const HttpResponse response =
      send("DELETE", namespace_path() + "/secrets/" + name, "", {}, when_harmless);
  if (response.status != 200 && response.status != 202 && response.status != 404) {
    fail("delete the secret " + name, response);
  }
}

KubernetesToken KubernetesApi::request_token(const std::string& account, Seconds life,
                                             const std::optional<KubernetesSecretRef>& bound) {
  Json spec = {{"audiences", parameters_.audiences}, {"expirationSeconds", life.count()}};
  if (bound) {
    spec["boundObjectRef"] = {
        {"apiVersion", "v1"}, {"kind", "Secret"}, {"name", bound->name}, {"uid", bound->uid}};
  }
  const Json body = {{"apiVersion", "authentication.k8s.io/v1"},
                     {"kind", "TokenRequest"},
                     {"spec", std::move(spec)}};
  const HttpResponse response =
      send("POST", namespace_path() + "/serviceaccounts/" + account + "/token",
           canonical_json(body), {}, when_harmless);
  if (response.status != 201) fail("issue a token for " + account, response);
  Json answer = body_of(response, "the token request");
  std::string token = text_at(answer, "/status/token");
  const auto expires_at = parse_rfc3339(text_at(answer, "/status/expirationTimestamp"));
  KubernetesToken issued{seal(std::move(token)), expires_at.value_or(WallTime{})};
  const bool plain =
      std::all_of(issued.token.view().begin(), issued.token.view().end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_' || c == '.';
      });
  const std::string wanted = "system:serviceaccount:" + parameters_.name_space + ":" + account;
  if (issued.token.empty() || issued.token.size() > kLongestToken || !plain || !expires_at ||
      token_subject(issued.token.view()) != wanted) {
    throw Error(ErrorCode::Provider, "Kubernetes answered with something that is no token of " +
                                         account + " in " + parameters_.name_space);
  }
  return issued;
}

Json KubernetesApi::post_review(const std::string& path, const Json& body, std::string_view token) {
  const HttpResponse response = send("POST", path, canonical_json(body), token, when_harmless);
  if (response.status != 201 && response.status != 200) fail("review itself", response);
  return body_of(response, "a review");
}

std::optional<bool> KubernetesApi::accepts(std::string_view token) {
  const HttpResponse response = send("GET", "/api", "", token, when_harmless);
  if (response.status == 401) return false;
  if (response.status == 200 || response.status == 403) return true;
  return std::nullopt;
}

std::string KubernetesApi::beyond_reading(std::string_view token) {
  const Json answer = post_review(kRules,
                                  {{"apiVersion", "authorization.k8s.io/v1"},
                                   {"kind", "SelfSubjectRulesReview"},
                                   {"spec", {{"namespace", parameters_.name_space}}}},
                                  token);
  try {
    return first_beyond_reading(answer.at("status"));
  } catch (const Json::exception&) {
    return "rules that cannot be read";
  }
}

std::string KubernetesApi::who_am_i() {
  const HttpResponse response = send(
      "POST", kReviews,
      canonical_json({{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}}),
      {}, when_harmless);
  if (response.status == 404) return "";
  if (response.status != 201) fail("say who the base identity is", response);
  return escape_for_terminal(text_at(body_of(response, "a review"), "/status/userInfo/username"));
}

bool KubernetesApi::may(const std::string& verb, const std::string& resource,
                        const std::string& subresource, const std::string& name) {
  const Json answer = post_review(kAccess,
                                  {{"apiVersion", "authorization.k8s.io/v1"},
                                   {"kind", "SelfSubjectAccessReview"},
                                   {"spec",
                                    {{"resourceAttributes",
                                      {{"namespace", parameters_.name_space},
                                       {"verb", verb},
                                       {"resource", resource},
                                       {"subresource", subresource},
                                       {"name", name}}}}}},
                                  {});
  const Json::json_pointer allowed("/status/allowed");
  return answer.contains(allowed) && answer.at(allowed) == true;
}

std::string KubernetesApi::version(std::optional<WallTime>& server_time) {
  const HttpResponse response = send("GET", "/version", "", {}, when_harmless);
  if (response.status != 200) fail("tell its version", response);
  if (const auto date = response.header("date")) server_time = parse_http_date(*date);
  return escape_for_terminal(text_at(body_of(response, "its version"), "/gitVersion"));
}

}  // namespace prodaccess
