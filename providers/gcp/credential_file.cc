#include "providers/gcp/credential_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestWord = 4096;
constexpr Milliseconds kShortestTimeout{5'000};
constexpr Milliseconds kLongestTimeout{120'000};

// One file's JSON object, and its name for messages.
class Reader {
 public:
  Reader(const Json& object, const std::string& path) : object_(object), path_(path) {}

  [[noreturn]] void fail(const std::string& what, std::vector<std::string> hints = {}) const {
    throw Error(ErrorCode::Config, escape_for_terminal(path_) + ": " + what, std::move(hints));
  }
  bool has(const std::string& member) const {
    const auto found = object_.find(member);
    return found != object_.end() && !found->is_null();
  }
  // One line of visible text; "" where it is absent.
  std::string word(const std::string& member) const {
    if (!has(member)) return "";
    const Json& value = object_.at(member);
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    if (text.empty() || text.size() > kLongestWord || escape_for_terminal(text) != text) {
      fail("\"" + member + "\" is not a line of text");
    }
    return text;
  }
  std::string need(const std::string& member) const {
    if (!has(member)) fail("\"" + member + "\" is missing");
    return word(member);
  }
  Secret secret(const std::string& member) const {
    if (!has(member) || !object_.at(member).is_string()) fail("\"" + member + "\" is missing");
    Secret value = seal(object_.at(member).get<std::string>());
    if (value.empty()) fail("\"" + member + "\" is empty");
    return value;
  }
  std::optional<std::int64_t> number(const std::string& member) const {
    if (!has(member)) return std::nullopt;
    if (!object_.at(member).is_number_integer()) fail("\"" + member + "\" is not a whole number");
    return object_.at(member).get<std::int64_t>();
  }
  Reader inner(const std::string& member) const {
    if (!has(member) || !object_.at(member).is_object()) fail("\"" + member + "\" is no object");
    return {object_.at(member), path_};
  }
  const Json& object() const { return object_; }

 private:
  const Json& object_;
  const std::string& path_;
};

void check_universe(const Reader& file, const GcpEndpoints& endpoints) {
  const std::string universe = file.word("universe_domain");
  if (universe.empty() || universe == endpoints.universe) return;
  file.fail("it belongs to " + universe + ", and the role to " + endpoints.universe,
            {"universe_domain = \"" + universe + "\"   in the role's table"});
}

ServiceAccountFile read_service_account(const Reader& file, const GcpEndpoints& endpoints) {
  ServiceAccountFile read;
  read.email = file.need("client_email");
  if (!is_service_account(read.email)) file.fail("\"client_email\" is no service account");
  read.key_id = file.word("private_key_id");
  read.private_key = file.secret("private_key");
  read.project = file.word("project_id");
  if (const std::string uri = file.word("token_uri");
      !uri.empty() && !endpoints.is_token_uri(uri)) {
    file.fail("\"token_uri\" leads elsewhere: " + uri);
  }
  return read;
}

AuthorizedUserFile read_authorized_user(const Reader& file) {
  AuthorizedUserFile read;
  read.client_id = file.need("client_id");
  read.client_secret = file.secret("client_secret");
  read.refresh_token = file.secret("refresh_token");
  read.quota_project = file.word("quota_project_id");
  return read;
}

SubjectFormat read_format(const Reader& source) {
  if (!source.has("format")) return {};
  const Reader format = source.inner("format");
  const std::string type = format.need("type");
  if (type == "json") return {format.need("subject_token_field_name")};
  if (type != "text") format.fail("\"format\" must be text or json");
  return {};
}

void require_http_url(const Reader& source, const std::string& url) {
  try {
    const Url parsed = parse_url(url);
    if (parsed.scheme == "https" || is_local_host(parsed.host)) return;
  } catch (const Error&) {
    source.fail("\"" + url + "\" is not an address");
  }
  source.fail("\"" + url + "\" must be https, or an address of this machine or its metadata");
}

UrlSource read_url_source(const Reader& source) {
  UrlSource read{source.need("url"), {}, read_format(source)};
  require_http_url(source, read.url);
  if (!source.has("headers")) return read;
  const Reader headers = source.inner("headers");
  for (const auto& item : headers.object().items()) {
    if (escape_for_terminal(item.key()) != item.key() ||
        item.key().find(':') != std::string::npos) {
      headers.fail("the name of a header is no word");
    }
    read.headers.emplace_back(item.key(), headers.need(item.key()));
  }
  return read;
}

ExecutableSource read_executable(const Reader& executable) {
  ExecutableSource read;
  // Words are divided by blanks; Google's libraries know no quotes there but Python's, and what
  // they read differently is not to be guessed.
  const std::string command = executable.need("command");
  if (command.find_first_of("\"'\\") != std::string::npos) {
    executable.fail("\"command\" must be plain words: no quotes, no backslashes");
  }
  for (std::string& word : split(command, ' ')) {
    if (!word.empty()) read.argv.push_back(std::move(word));
  }
  if (read.argv.empty() || !read.argv.front().starts_with('/')) {
    executable.fail("\"command\" must begin with an absolute path");
  }
  if (const auto millis = executable.number("timeout_millis")) {
    if (*millis < kShortestTimeout.count() || *millis > kLongestTimeout.count()) {
      executable.fail("\"timeout_millis\" must be from 5000 to 120000");
    }
    read.timeout = Milliseconds{*millis};
  }
  return read;
}

// "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"
bool asks_identity(const std::string& url) {
  static const std::vector<std::string> kHosts = {
      "https://sts.{region}.amazonaws.com", "https://sts.amazonaws.com",
      "https://sts.{region}.amazonaws.com.cn", "https://sts.{region}.api.aws"};
  const std::size_t query = url.find('?');
  if (query == std::string::npos) return false;
  std::string host = url.substr(0, query);
  if (host.ends_with('/')) host.pop_back();
  const auto fields = split(std::string_view(url).substr(query + 1), '&');
  return std::count(kHosts.begin(), kHosts.end(), host) != 0 &&
         std::count(fields.begin(), fields.end(), "Action=GetCallerIdentity") == 1;
}

AwsSource read_aws(const Reader& source) {
  if (source.need("environment_id") != "aws1") {
    source.fail("\"environment_id\" must be aws1");
  }
  AwsSource read{source.word("region_url"), source.word("url"),
                 source.word("imdsv2_session_token_url"),
                 source.need("regional_cred_verification_url")};
  for (const std::string& url : {read.region_url, read.credentials_url, read.session_url}) {
    if (!url.empty()) require_http_url(source, url);
  }
  // Google calls it, not we: but what is signed for it must be good for nothing else.
  if (!asks_identity(read.verification_url)) {
    source.fail("\"regional_cred_verification_url\" must ask AWS STS for GetCallerIdentity");
  }
  return read;
}

ExternalAccountFile read_external_account(const Reader& file, const GcpEndpoints& endpoints) {
  ExternalAccountFile read;
  read.audience = file.need("audience");
  read.subject_token_type = file.need("subject_token_type");
  read.workforce_project = file.word("workforce_pool_user_project");
  read.quota_project = file.word("quota_project_id");
  if (!endpoints.is_sts_url(file.need("token_url"))) {
    file.fail("\"token_url\" leads elsewhere: " + file.word("token_url"),
              {"endpoints = { sts = \"https://HOST\" }   in the role allows another"});
  }
  const std::string impersonation = file.word("service_account_impersonation_url");
  if (!impersonation.empty()) {
    read.service_account = endpoints.impersonated_account(impersonation);
    if (read.service_account.empty()) {
      file.fail(
          "\"service_account_impersonation_url\" leads elsewhere: " + impersonation,
          {"endpoints = { iam_credentials = \"https://HOST\" }   in the role allows another"});
    }
  }
  if (file.has("service_account_impersonation")) {
    const auto life = file.inner("service_account_impersonation").number("token_lifetime_seconds");
    if (life && (*life < 1 || *life > 43200))
      file.fail("\"token_lifetime_seconds\" is out of range");
    if (life) read.lifetime = Seconds{*life};
  }
  const Reader source = file.inner("credential_source");
  if (source.has("environment_id")) {
    read.source = read_aws(source);
  } else if (source.has("executable")) {
    read.source = read_executable(source.inner("executable"));
  } else if (source.has("url")) {
    read.source = read_url_source(source);
  } else if (source.has("file")) {
    read.source = FileSource{source.need("file"), read_format(source)};
  } else {
    source.fail("\"credential_source\" must have file, url, executable or environment_id");
  }
  return read;
}

Json object_in(std::string_view text, const std::string& path) {
  try {
    Json object = parse_json_strictly(text, "it");
    if (object.is_object()) return object;
  } catch (const Error& error) {
    throw Error(ErrorCode::Config, escape_for_terminal(path) + ": " + error.what());
  }
  throw Error(ErrorCode::Config, escape_for_terminal(path) + ": it is no JSON object");
}

}  // namespace

CredentialFile read_credential_file(std::string_view text, const std::string& path,
                                    const GcpEndpoints& endpoints) {
  const Json object = object_in(text, path);
  const Reader file(object, path);
  const std::string type = file.need("type");
  check_universe(file, endpoints);
  if (type == "service_account") return read_service_account(file, endpoints);
  if (type == "authorized_user") return read_authorized_user(file);
  if (type == "external_account") return read_external_account(file, endpoints);
  file.fail("the type " + type + " is not known",
            {"it must be service_account, authorized_user or external_account"});
}

}  // namespace prodaccess
