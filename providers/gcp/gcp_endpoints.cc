#include "providers/gcp/gcp_endpoints.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::string_view kAccounts = "/v1/projects/-/serviceAccounts/";
constexpr std::string_view kGenerate = ":generateAccessToken";

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_domain(std::string_view text) {
  return !text.empty() && text.size() <= 253 && is_lower_or_digit(text.front()) &&
         is_lower_or_digit(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_lower_or_digit(c) || c == '-' || c == '.';
         });
}

std::string take_origin(ConfigTable& table, const std::string& key, const std::string& otherwise) {
  const auto text = table.take_string(key);
  if (!text) return otherwise;
  try {
    const Url url = parse_url(*text);
    if (url.path == "/" && url.query.empty() &&
        (url.scheme == "https" || is_local_host(url.host))) {
      return url.origin();
    }
  } catch (const Error&) {
    table.fail(key, "'" + key + "' is not an address");
  }
  table.fail(key, "'" + key + "' must be https://HOST, or http:// on this machine, with no path");
}

}  // namespace

std::string GcpEndpoints::token_audience() const { return "https://oauth2." + universe + "/token"; }

bool GcpEndpoints::is_token_uri(const std::string& url) const {
  return url == token_audience() || url == oauth2 + "/token" ||
         (universe == "googleapis.com" && url == "https://accounts.google.com/o/oauth2/token");
}

bool GcpEndpoints::is_sts_url(const std::string& url) const {
  return url == "https://sts." + universe + "/v1/token" || url == sts + "/v1/token";
}

std::string GcpEndpoints::impersonated_account(const std::string& url) const {
  for (const std::string& origin : {"https://iamcredentials." + universe, iam_credentials}) {
    const std::string start = origin + std::string(kAccounts);
    if (!url.starts_with(start) || !url.ends_with(kGenerate)) continue;
    if (url.size() < start.size() + kGenerate.size()) continue;
    const std::string account =
        url.substr(start.size(), url.size() - start.size() - kGenerate.size());
    if (is_service_account(account)) return account;
  }
  return "";
}

std::string GcpEndpoints::service_account_url(const std::string& account,
                                              const std::string& method) const {
  const bool issues = method.starts_with("generate") || method.starts_with("sign");
  return (issues ? iam_credentials : iam) + std::string(kAccounts) + account + ":" + method;
}

GcpEndpoints take_gcp_endpoints(ConfigTable& table) {
  GcpEndpoints read;
  read.universe = table.take_string("universe_domain").value_or(read.universe);
  if (!is_domain(read.universe)) table.fail("universe_domain", "'universe_domain' is no domain");
  read.ca_file = table.take_string("ca_file").value_or("");
  if (!read.ca_file.empty() && !read.ca_file.starts_with('/')) {
    table.fail("ca_file", "'ca_file' must be an absolute path");
  }
  ConfigTable named = table.take_table("endpoints").value_or(ConfigTable());
  const auto host = [&](const std::string& name) {
    return "https://" + name + "." + read.universe;
  };
  read.oauth2 = take_origin(named, "oauth2", host("oauth2"));
  read.sts = take_origin(named, "sts", host("sts"));
  read.iam = take_origin(named, "iam", host("iam"));
  read.iam_credentials = take_origin(named, "iam_credentials", host("iamcredentials"));
  read.metadata = take_origin(named, "metadata", "http://169.254.169.254");
  named.finish();
  return read;
}

bool is_service_account(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return false;
  const std::string_view name = text.substr(0, at);
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return is_lower_or_digit(c) || c == '-' || c == '.' || c == '_';
  });
  return !name.empty() && name.size() <= 100 && plain && is_domain(text.substr(at + 1));
}

}  // namespace prodaccess
