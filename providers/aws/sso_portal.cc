#include "providers/aws/sso_portal.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr int kMostPages = 100;
constexpr std::size_t kLongestSecret = 16U << 10;

[[noreturn]] void bad_reply(const std::string& what) {
  throw Error(ErrorCode::Provider, "the reply of IAM Identity Center's portal " + what);
}

bool repeat_when_busy(const HttpResponse* response) {
  return response == nullptr || response->status == 429 || response->status >= 500;
}

const Json& member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end()) bad_reply(std::string("has no ") + name);
  return *found;
}

std::string text_of(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (!value.is_string()) bad_reply(std::string("has an unusable ") + name);
  return value.get<std::string>();
}

// Printable and bounded: it becomes a header or a variable.
std::string key_text(const Json& object, const char* name) {
  std::string text = text_of(object, name);
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 32 && c < 127; });
  if (text.empty() || text.size() > kLongestSecret || !plain) {
    bad_reply(std::string("has an unusable ") + name);
  }
  return text;
}

AwsCredential read_credentials(const Json& reply, const std::string& account) {
  const Json& keys = member(reply, "roleCredentials");
  AwsCredential credential;
  credential.access_key_id = key_text(keys, "accessKeyId");
  credential.secret_access_key = seal(key_text(keys, "secretAccessKey"));
  credential.session_token = seal(key_text(keys, "sessionToken"));
  const Json& end = member(keys, "expiration");
  // Milliseconds, unlike everywhere else at AWS.
  constexpr std::int64_t kYear2200 = 7'258'118'400'000;
  if (!end.is_number_integer() || end.get<std::int64_t>() <= 0 ||
      end.get<std::int64_t>() > kYear2200) {
    bad_reply("has an unusable expiration");
  }
  credential.expires_at = WallTime{Milliseconds{end.get<std::int64_t>()}};
  credential.account_id = account;
  return credential;
}

std::string message_of(const HttpResponse& response) {
  try {
    const Json body = parse_json_strictly(response.body.view(), "the reply");
    if (body.is_object()) return escape_for_terminal(body.value("message", "").substr(0, 400));
  } catch (const Error&) {
    return "";
  } catch (const Json::exception&) {
    return "";
  }
  return "";
}

}  // namespace

SsoPortal::SsoPortal(HttpClient& http, const SsoSession& session)
    : http_(http), session_(session) {}

HttpResponse SsoPortal::send(const std::string& method, const std::string& path_and_query,
                             const Secret& token) {
  HttpRequest request;
  request.method = method;
  request.url = sso_origin(session_, "portal.sso") + path_and_query;
  request.headers = {{"x-amz-sso_bearer_token", std::string(token.view())},
                     {"Accept", "application/json"}};
  request.allow_plain_http = !session_.portal_endpoint.empty();
  HttpResponse response = send_with_retries(http_, request, repeat_when_busy);
  wipe(request.headers.front().second.data(), request.headers.front().second.size());
  return response;
}

AwsCredential SsoPortal::role_credentials(const Secret& token, const std::string& account,
                                          const std::string& role) {
  const HttpResponse response = send("GET",
                                     "/federation/credentials?role_name=" + percent_encode(role) +
                                         "&account_id=" + percent_encode(account),
                                     token);
  const std::string what = "role " + role + " in account " + account;
  if (response.status == 401) {
    throw Error(ErrorCode::Provider, "the login at " + session_.start_url + " has ended",
                {"prodaccess login " + shell_quote(session_.name)});
  }
  if (response.status == 403 || response.status == 404) {
    throw Error(ErrorCode::Provider,
                "IAM Identity Center has no " + what + " for this person: " + message_of(response),
                {"prodaccess aws sso-roles --login " + shell_quote(session_.name)});
  }
  if (response.status != 200) {
    throw Error(ErrorCode::Provider, "IAM Identity Center gave no keys for " + what + ": status " +
                                         std::to_string(response.status) + " " +
                                         message_of(response));
  }
  return read_credentials(parse_json_strictly(response.body.view(), "the portal's reply"), account);
}

void SsoPortal::list(const std::string& path_and_query, const char* member_name,
                     const Secret& token, const std::function<void(const Json& entry)>& take) {
  std::string next;
  for (int page = 0; page < kMostPages; ++page) {
    const HttpResponse response = send("GET", path_and_query + next, token);
    if (response.status != 200) {
      throw Error(ErrorCode::Provider, "IAM Identity Center lists nothing: status " +
                                           std::to_string(response.status) + " " +
                                           message_of(response));
    }
    const Json reply = parse_json_strictly(response.body.view(), "the portal's reply");
    for (const Json& entry : member(reply, member_name)) take(entry);
    const auto more = reply.find("nextToken");
    if (more == reply.end() || !more->is_string() || more->get<std::string>().empty()) return;
    next = "&next_token=" + percent_encode(more->get<std::string>());
  }
  bad_reply("has no end");
}

std::vector<SsoAccount> SsoPortal::accounts(const Secret& token) {
  std::vector<SsoAccount> accounts;
  list("/assignment/accounts?max_result=100", "accountList", token, [&](const Json& entry) {
    accounts.push_back({text_of(entry, "accountId"), text_of(entry, "accountName")});
  });
  return accounts;
}

std::vector<std::string> SsoPortal::account_roles(const Secret& token, const std::string& account) {
  std::vector<std::string> roles;
  list("/assignment/roles?max_result=100&account_id=" + percent_encode(account), "roleList", token,
       [&](const Json& entry) { roles.push_back(text_of(entry, "roleName")); });
  return roles;
}

void SsoPortal::log_out(const Secret& token) {
  const HttpResponse response = send("POST", "/logout", token);
  if (response.status == 200 || response.status == 401) return;
  throw Error(ErrorCode::Provider,
              "the login is forgotten here, but IAM Identity Center did not end it: status " +
                  std::to_string(response.status));
}

}  // namespace prodaccess
