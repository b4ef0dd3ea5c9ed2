#include "providers/gcp/credential_file.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "providers/gcp/gcp_parameters.h"

using namespace prodaccess;

namespace {

GcpEndpoints google() {
  return read_gcp_parameters(parse_toml("auth = 'metadata'", "c.toml", ErrorCode::Config))
      .endpoints;
}

CredentialFile read(const Json& file) {
  return read_credential_file(canonical_json(file), "/k.json", google());
}

std::string problem(const Json& file) {
  try {
    read(file);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Config);
    return error.what();
  }
  return "accepted";
}

Json changed(Json file, const char* pointer, const Json& value) {
  file[Json::json_pointer(pointer)] = value;
  return file;
}

Json key_file() {
  return {{"type", "service_account"},
          {"client_email", "robot@acme.iam.gserviceaccount.com"},
          {"private_key", "PEM"},
          {"private_key_id", "k1"},
          {"token_uri", "https://oauth2.googleapis.com/token"}};
}

Json federation(const Json& source) {
  return {{"type", "external_account"},
          {"audience", "//iam.googleapis.com/pool"},
          {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
          {"token_url", "https://sts.googleapis.com/v1/token"},
          {"credential_source", source}};
}

Json executable(const std::string& command) {
  return federation({{"executable", {{"command", command}}}});
}

Json aws(const std::string& url) {
  return federation({{"environment_id", "aws1"}, {"regional_cred_verification_url", url}});
}

constexpr const char* kIdentityUrl =
    "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15";

template <typename Source>
Source source_of(const Json& file) {
  return std::get<Source>(std::get<ExternalAccountFile>(read(file)).source);
}

}  // namespace

TEST_CASE("a key and a login are read") {
  const CredentialFile key = read(key_file());
  CHECK(std::get<ServiceAccountFile>(key).private_key.view() == "PEM");
  const CredentialFile user = read({{"type", "authorized_user"},
                                    {"client_id", "c"},
                                    {"client_secret", "s"},
                                    {"refresh_token", "r"},
                                    {"quota_project_id", "q"},
                                    {"account", ""}});
  CHECK(std::get<AuthorizedUserFile>(user).refresh_token.view() == "r");
  CHECK(std::get<AuthorizedUserFile>(user).quota_project == "q");
}

TEST_CASE("every source of a federation is read") {
  const auto file = source_of<FileSource>(federation(
      {{"file", "/oidc"}, {"format", {{"type", "json"}, {"subject_token_field_name", "t"}}}}));
  CHECK(file.path == "/oidc");
  CHECK(file.format.member == "t");
  const auto url = source_of<UrlSource>(
      federation({{"url", "http://169.254.169.254/x"}, {"headers", {{"Metadata", "True"}}}}));
  CHECK(url.headers.front().first == "Metadata");
  const auto program = source_of<ExecutableSource>(executable("/bin/subject  --a b"));
  CHECK(program.argv == std::vector<std::string>{"/bin/subject", "--a", "b"});
  CHECK(program.timeout == Milliseconds{30'000});
  CHECK(source_of<AwsSource>(aws(kIdentityUrl)).verification_url == kIdentityUrl);
  const Json with_account =
      changed(changed(executable("/x"), "/service_account_impersonation_url",
                      "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
                      "robot@acme.iam.gserviceaccount.com:generateAccessToken"),
              "/service_account_impersonation", {{"token_lifetime_seconds", 900}});
  const auto external = std::get<ExternalAccountFile>(read(with_account));
  CHECK(external.service_account == "robot@acme.iam.gserviceaccount.com");
  CHECK(external.lifetime == Seconds{900});
}

TEST_CASE("what a file may not say") {
  const auto has = [](const Json& file, const std::string& words) {
    CAPTURE(file.dump());
    const std::string said = problem(file);
    CHECK(said.starts_with("/k.json: "));
    CHECK(said.find(words) != std::string::npos);
  };
  has(Json::array(), "no JSON object");
  has({{"type", "gdch_service_account"}}, "not known");
  has(changed(key_file(), "/token_uri", "https://evil.test/token"), "leads elsewhere");
  has(changed(key_file(), "/universe_domain", "evil.test"), "belongs to evil.test");
  has(changed(key_file(), "/client_email", "ana"), "no service account");
  has(changed(key_file(), "/private_key", 7), "\"private_key\" is missing");
  has(changed(executable("/x"), "/token_url", "https://sts.evil.test/v1/token"), "leads elsewhere");
  has(changed(executable("/x"), "/service_account_impersonation_url", "https://evil.test/"),
      "leads elsewhere");
  has(changed(executable("/x"), "/audience", "a\nb"), "not a line of text");
  has(executable("subject"), "absolute path");
  has(executable("/bin/sh -c 'subject'"), "plain words");
  has(changed(executable("/x"), "/credential_source/executable/timeout_millis", 10),
      "5000 to 120000");
  has(federation({{"url", "http://ci.example.com/token"}}), "must be https");
  has(federation({{"url", "https://ci.test"}, {"headers", {{"A: b", "c"}}}}), "no word");
  has(federation({{"url", "https://ci.test"}, {"headers", {{"A", "b\r\nC: d"}}}}), "line of text");
  has(federation({{"certificate", Json::object()}}), "must have file, url");
  has(aws("https://sts.{region}.evil.test?Action=GetCallerIdentity"), "must ask AWS STS");
  has(aws("https://sts.amazonaws.com.evil.test?Action=GetCallerIdentity"), "must ask AWS STS");
  has(aws("https://sts.{region}.amazonaws.com?Action=AssumeRole"), "must ask AWS STS");
}

TEST_CASE("a broken file is named, not quoted") {
  try {
    read_credential_file("{\"private_key\":\"SECRET", "/k.json", google());
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("SECRET") == std::string::npos);
    CHECK(std::string(error.what()).starts_with("/k.json: "));
  }
}
