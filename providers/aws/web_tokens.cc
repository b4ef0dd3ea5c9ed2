#include "providers/aws/web_tokens.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::size_t kShortest = 4;  // STS's limits
constexpr std::size_t kLongest = 20'000;
constexpr const char* kUrlVariable = "ACTIONS_ID_TOKEN_REQUEST_URL";
constexpr const char* kTokenVariable = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

Secret checked(std::string_view token, const std::string& source) {
  token = trim(token);
  const bool good =
      token.size() >= kShortest && token.size() <= kLongest &&
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!good) throw Error(ErrorCode::Provider, "there is no identity token in " + source);
  return Secret(token);
}

std::string required(const AwsEnvironment& environment, const std::string& name,
                     std::vector<std::string> hints = {}) {
  const auto found = environment.find(name);
  if (found != environment.end() && !found->second.empty()) return found->second;
  throw Error(ErrorCode::Provider, "the variable " + name + " is not set", std::move(hints));
}

}  // namespace

Secret web_token_of_file(Files& files, const std::string& path) {
  auto text = files.read_untrusted(path, 64U << 10);
  if (!text) throw Error(ErrorCode::Provider, "there is no token file " + path);
  const Secret token = seal(std::move(*text));
  return checked(token.view(), path);
}

Secret web_token_of_variable(const AwsEnvironment& environment, const std::string& name) {
  const Secret token = seal(required(environment, name));
  return checked(token.view(), "the variable " + name);
}

Secret web_token_of_github(HttpClient& http, const AwsEnvironment& environment,
                           const std::string& audience) {
  const std::string hint = "the job needs   permissions: { id-token: write }";
  std::string url = required(environment, kUrlVariable, {hint});
  const Secret bearer = seal(required(environment, kTokenVariable, {hint}));
  const Url parts = parse_url(url);
  url += (parts.query.empty() ? "?audience=" : "&audience=") + percent_encode(audience);
  HttpRequest request;
  request.url = url;
  request.timeout = Milliseconds{10'000};
  request.allow_plain_http = true;  // which the client lets go to this machine only
  request.headers.emplace_back("Authorization", "bearer " + std::string(bearer.view()));
  request.headers.emplace_back("Accept", "application/json");
  const HttpResponse response = send_with_retries(http, request, [](const HttpResponse* reply) {
    return reply == nullptr || reply->status >= 500 || reply->status == 429;
  });
  const std::string source = "the token service " + parts.origin();
  if (response.status != 200) {
    throw Error(ErrorCode::Provider, source + " answers HTTP " + std::to_string(response.status),
                {hint});
  }
  std::optional<Secret> token;
  try {
    const Json reply = parse_json_strictly(response.body.view(), source);
    token = seal(reply.at("value").get<std::string>());
  } catch (const std::exception&) {
    throw Error(ErrorCode::Provider, "the reply of " + source + " has no token");
  }
  return checked(token->view(), source);
}

}  // namespace prodaccess
