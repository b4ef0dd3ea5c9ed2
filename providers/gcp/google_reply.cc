#include "providers/gcp/google_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/jwt.h"
#include "core/base/text.h"
#include "providers/http/http_client.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestToken = 16U << 10;
constexpr std::size_t kLongestMessage = 300;
constexpr Seconds kSkew{120};

[[noreturn]] void bad_reply(const std::string& why) {
  throw Error(ErrorCode::Provider, "Google's answer " + why);
}

Json object_of(std::string_view body) {
  Json answer = parse_json_strictly(body, "Google's answer");
  if (!answer.is_object()) bad_reply("is no JSON object");
  return answer;
}

Secret checked_token(std::string&& text) {
  Secret token = seal(std::move(text));
  const std::string_view view = token.view();
  const bool plain =
      std::all_of(view.begin(), view.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"'; });
  if (view.empty()) bad_reply("holds no token");
  if (view.size() > kLongestToken || !plain) bad_reply("holds something that is no token");
  return token;
}

std::optional<std::int64_t> whole_number(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return std::nullopt;
  const std::string text = value.get<std::string>();
  const bool digits = !text.empty() && text.size() <= 9 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::optional<std::int64_t>(std::stoll(text)) : std::nullopt;
}

WallTime end_of(const Json& answer, WallTime now, std::optional<WallTime> same_end) {
  const auto found = answer.find("expires_in");
  if (found == answer.end() && same_end) return *same_end;
  const auto life = found == answer.end() ? std::nullopt : whole_number(*found);
  if (!life || *life <= 0 || Seconds{*life} > kLongestLife + kSkew) {
    bad_reply("gives the token no believable life");
  }
  return now + Seconds{*life};
}

Json error_object(const HttpResponse& response) {
  try {
    Json answer = parse_json_strictly(response.body.view(), "the answer");
    if (answer.is_object()) return answer;
  } catch (const Error&) {
    return Json::object();  // a proxy's page: its text is nobody's business
  }
  return Json::object();
}

bool names_audience(const Json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_array()) return std::count(found->begin(), found->end(), audience) != 0;
  return *found == audience;
}

}  // namespace

GoogleToken read_oauth_token(std::string_view body, WallTime now,
                             std::optional<WallTime> same_end) {
  const Json answer = object_of(body);
  const std::string type = to_lower(text_member(answer, "token_type"));
  if (type != "bearer") bad_reply("holds a token of a type that is not Bearer");
  Secret token = checked_token(text_member(answer, "access_token"));
  return {std::move(token), end_of(answer, now, same_end)};
}

GoogleToken checked_id_token(Secret token, const std::string& audience, WallTime now) {
  const auto claims = unverified_claims(token.view());
  if (!claims || !names_audience(*claims, audience)) {
    bad_reply("holds no ID token for the audience " + audience);
  }
  const auto end = claims->find("exp");
  if (end == claims->end() || !end->is_number_integer()) bad_reply("holds an ID token without end");
  const std::int64_t latest = std::chrono::floor<std::chrono::seconds>(now + kLongestLife + kSkew)
                                  .time_since_epoch()
                                  .count();
  const auto seconds = end->get<std::int64_t>();
  const WallTime expires_at{Seconds{std::clamp<std::int64_t>(seconds, 0, latest)}};
  if (expires_at <= now || seconds >= latest) bad_reply("holds an ID token of no believable life");
  return {std::move(token), expires_at};
}

GoogleToken read_id_token(std::string_view body, const std::string& member,
                          const std::string& audience, WallTime now) {
  return checked_id_token(checked_token(text_member(object_of(body), member)), audience, now);
}

GoogleToken read_generated_token(std::string_view body, WallTime now, Seconds wanted) {
  const Json answer = object_of(body);
  Secret token = checked_token(text_member(answer, "accessToken"));
  const auto end = parse_rfc3339(text_member(answer, "expireTime"));
  if (!end || *end <= now || *end > now + wanted + kSkew) {
    throw Error(ErrorCode::Provider,
                "the token's end is not believable: " +
                    (end ? format_rfc3339(*end) : std::string("there is none")),
                {"compare this machine's clock with Google's: prodaccess doctor gcp"});
  }
  return {std::move(token), *end};
}

std::string email_claim(std::string_view token) {
  const auto claims = unverified_claims(token);
  return claims ? text_member(*claims, "email") : "";
}

TokenInfo read_token_info(std::string_view body) {
  const Json answer = object_of(body);
  TokenInfo info;
  const auto verified = answer.find("email_verified");
  const bool good = verified != answer.end() && (*verified == "true" || *verified == true);
  if (good) info.email = text_member(answer, "email");
  for (std::string& scope : split(text_member(answer, "scope"), ' ')) {
    if (!scope.empty()) info.scopes.push_back(std::move(scope));
  }
  return info;
}

GcloudReply read_gcloud_reply(std::string_view text, WallTime now) {
  const Json answer = object_of(text);
  const Json::json_pointer account("/configuration/properties/core/account");
  const auto credential = answer.find("credential");
  if (credential == answer.end() || !credential->is_object()) bad_reply("has no credential");
  GcloudReply reply;
  if (answer.contains(account) && answer.at(account).is_string()) {
    reply.account = answer.at(account).get<std::string>();
  }
  if (reply.account.empty() || escape_for_terminal(reply.account) != reply.account) {
    bad_reply("names no account");
  }
  reply.token.token = checked_token(text_member(*credential, "access_token"));
  const auto end = parse_rfc3339(text_member(*credential, "token_expiry"));
  if (!end || *end <= now || *end > now + kLongestLife + kSkew) {
    bad_reply("gives the token no believable life");
  }
  reply.token.expires_at = *end;
  return reply;
}

std::vector<std::string> read_permissions(std::string_view body) {
  const Json answer = object_of(body);
  std::vector<std::string> permissions;
  const auto found = answer.find("permissions");
  if (found == answer.end() || !found->is_array()) return permissions;
  for (const Json& name : *found) {
    if (name.is_string()) permissions.push_back(name.get<std::string>());
  }
  return permissions;
}

std::string google_error_code(const HttpResponse& response) {
  const Json answer = error_object(response);
  const auto found = answer.find("error");
  if (found == answer.end()) return "";
  return found->is_object() ? text_member(*found, "status") : text_member(answer, "error");
}

std::string google_error_subtype(const HttpResponse& response) {
  return text_member(error_object(response), "error_subtype");
}

std::string google_problem(const HttpResponse& response) {
  const Json answer = error_object(response);
  const auto found = answer.find("error");
  const bool nested = found != answer.end() && found->is_object();
  const std::string message =
      nested ? text_member(*found, "message") : text_member(answer, "error_description");
  std::string text = "status " + std::to_string(response.status);
  if (const std::string code = google_error_code(response); !code.empty()) text += " " + code;
  if (!message.empty()) text += ": " + message.substr(0, kLongestMessage);
  return escape_for_terminal(text);
}

}  // namespace prodaccess
