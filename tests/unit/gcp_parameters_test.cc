#include "providers/gcp/gcp_parameters.h"

#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace prodaccess;

namespace {

GcpParameters read(const std::string& text) {
  return read_gcp_parameters(parse_toml(text, "c.toml", ErrorCode::Config));
}

std::string problem(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Config);
    return error.what();
  }
  return "accepted";
}

const std::string kMetadata = "auth = 'metadata'\n";
const std::string kDeploy = "service_account = 'deploy@acme.iam.gserviceaccount.com'\n";
const std::string kBoundary =
    "[[boundary]]\nresource = '//storage.googleapis.com/projects/_/buckets/b'\n"
    "permissions = ['inRole:roles/storage.objectViewer']\n";

}  // namespace

TEST_CASE("the base identity is known by the file that is named") {
  CHECK(read("federation = '/etc/wif.json'").auth == GcpAuth::Federation);
  CHECK(read("credentials = '/k.json'").auth == GcpAuth::CredentialsFile);
  CHECK(read(kMetadata).auth == GcpAuth::Metadata);
  CHECK(read("auth = 'gcloud'\ngcloud_account = 'ana@example.com'").gcloud_account ==
        "ana@example.com");
  CHECK(problem("").find("'auth' is missing") != std::string::npos);
  CHECK(problem("credentials = 'k.json'").find("absolute path") != std::string::npos);
  CHECK(problem("auth = 'federation'").find("need each other") != std::string::npos);
  CHECK(problem("credentials = '/k'\nfederation = '/w'").find("need each other") !=
        std::string::npos);
  CHECK(problem(kMetadata + "gcloud_account = 'a'").find("auth = \"gcloud\"") != std::string::npos);
}

TEST_CASE("a tier is the role with its own changes") {
  const GcpParameters role =
      read(kMetadata + kDeploy +
           "delegates = ['chain@acme.iam.gserviceaccount.com']\n"
           "tiers.read = { scopes = ['cloud-platform.read-only', 'openid'] }\n"
           "tiers.wide = { service_account = 'admin@acme.iam.gserviceaccount.com' }\n");
  REQUIRE(role.read);
  CHECK(role.tier(Tier::Read).service_account == "deploy@acme.iam.gserviceaccount.com");
  CHECK(role.tier(Tier::Read).delegates.size() == 1);
  CHECK(role.tier(Tier::Read).scopes ==
        std::vector<std::string>{"https://www.googleapis.com/auth/cloud-platform.read-only",
                                 "openid"});
  CHECK(role.tier(Tier::Wide).service_account == "admin@acme.iam.gserviceaccount.com");
  CHECK(role.tier(Tier::Wide).delegates.empty());  // they led to the other account
  CHECK(role.tier(Tier::Wide).scopes == std::vector<std::string>{kCloudPlatformScope});
  CHECK_FALSE(read(kMetadata).read);
}

TEST_CASE("Google itself keeps a token to reading where scopes or boundary say so") {
  CHECK_FALSE(only_reads(read(kMetadata).wide));
  CHECK(only_reads(read(kMetadata + "scopes = ['devstorage.read_only', 'email']").wide));
  CHECK(only_reads(read(kMetadata + "scopes = ['cloud-platform.read-only']").wide));
  CHECK_FALSE(only_reads(read(kMetadata + "scopes = ['compute.readonly', 'compute']").wide));
  CHECK(only_reads(read(kMetadata + kBoundary).wide));
  CHECK_FALSE(
      only_reads(read(kMetadata + kBoundary +
                      "[[boundary]]\nresource = '//storage.googleapis.com/projects/_/buckets/c'\n"
                      "permissions = ['inRole:roles/storage.objectAdmin']\n")
                     .wide));
}

TEST_CASE("what does not go together is said") {
  const auto has = [](const std::string& text, const std::string& words) {
    CAPTURE(text);
    CHECK(problem(text).find(words) != std::string::npos);
  };
  has(kMetadata + "service_account = 'ana@example.com '", "must name a service account");
  has(kMetadata + "service_account = '1234'", "must name a service account");
  has(kMetadata + "delegates = ['deploy@acme.iam.gserviceaccount.com']", "there is none");
  has(kMetadata + "scopes = []", "one at least");
  has(kMetadata + "scopes = ['a b']", "words or URLs");
  has(kMetadata + "kind = 'id-token'", "needs an 'audience'");
  has(kMetadata + "audience = 'x'", "goes with kind");
  has(kMetadata + "kind = 'jwt'\n" + kDeploy, "base identity itself");
  has(kMetadata + "kind = 'subject-token'", "needs 'federation'");
  has(kMetadata + "kind = 'id-token'\naudience = 'x'\n" + kBoundary, "only access tokens");
  has(kMetadata + "revoke_login = true\n" + kDeploy, "would go on");
  has(kMetadata + "revoke_login = true\ntiers.read = { scopes = ['openid'] }", "one credential");
  has("auth = 'gcloud'\nscopes = ['compute']", "scopes it has");
  has(kMetadata +
          "[[boundary]]\nresource = '//compute.googleapis.com/x'\npermissions = ['inRole:r']",
      "Cloud Storage only");
  has(kMetadata +
          "[[boundary]]\nresource = '//storage.googleapis.com/projects/_/buckets/b'\n"
          "permissions = ['storage.objects.get']",
      "inRole:");
  has(kMetadata + "endpoints = { sts = 'http://sts.example.com' }", "https://HOST");
  has(kMetadata + "endpoints = { sts = 'https://sts.example.com/v1' }", "no path");
  has(kMetadata + "universe_domain = 'Example.com'", "no domain");
  has(kMetadata + "unknown = 1", "unknown");
  std::string many = kMetadata;
  for (int i = 0; i < 11; ++i) many += kBoundary;
  has(many, "at most 10");
}

TEST_CASE("addresses of a credential file must be the role's own") {
  const GcpEndpoints google = read(kMetadata).endpoints;
  CHECK(google.oauth2 == "https://oauth2.googleapis.com");
  CHECK(google.is_token_uri("https://oauth2.googleapis.com/token"));
  CHECK(google.is_token_uri("https://accounts.google.com/o/oauth2/token"));
  CHECK_FALSE(google.is_token_uri("http://oauth2.googleapis.com/token"));
  CHECK_FALSE(google.is_sts_url("https://sts.googleapis.com.evil.test/v1/token"));
  const std::string path =
      "/v1/projects/-/serviceAccounts/deploy@acme.iam.gserviceaccount.com:generateAccessToken";
  CHECK(google.impersonated_account("https://iamcredentials.googleapis.com" + path) ==
        "deploy@acme.iam.gserviceaccount.com");
  CHECK(google.impersonated_account("https://iamcredentials.evil.test" + path).empty());
  CHECK(google
            .impersonated_account("https://iamcredentials.googleapis.com/v1/projects/-/"
                                  "serviceAccounts/a/b@c:generateAccessToken")
            .empty());
  const GcpEndpoints other = read(kMetadata + "universe_domain = 'cloud.test'").endpoints;
  CHECK(other.sts == "https://sts.cloud.test");
  CHECK(other.token_audience() == "https://oauth2.cloud.test/token");
  CHECK_FALSE(other.is_token_uri("https://accounts.google.com/o/oauth2/token"));
}
