#include "providers/aws/sigv4.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "providers/http/url.h"

using namespace prodaccess;
namespace fs = std::filesystem;

namespace {

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// AWS's own suite, as it lies in awslabs/aws-c-auth (tests/aws-signing-test-suite/v4).
fs::path suite() {
  const char* given = std::getenv("PRODACCESS_VECTORS");
  return fs::path(given != nullptr ? given : "../shared/vectors") / "sigv4";
}

struct SuiteCase {
  AwsCredential credential;
  SigV4Scope scope;
  Seconds expires{0};
  SigV4Request request;
  std::string body;
};

// The first and the last blank delimit the target, which may hold blanks.
void read_request(const std::string& text, SuiteCase& into) {
  std::istringstream in(text);
  std::string line;
  std::getline(in, line);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  into.request.method = line.substr(0, first);
  const std::string target = line.substr(first + 1, last - first - 1);
  const std::size_t question = target.find('?');
  into.request.path = target.substr(0, question);
  if (question != std::string::npos) into.request.query = target.substr(question + 1);
  while (std::getline(in, line) && !line.empty()) {
    if (line.front() == ' ') {
      into.request.headers.back().second += " " + std::string(trim(line));
      continue;
    }
    const std::size_t colon = line.find(':');
    into.request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  std::ostringstream rest;
  rest << in.rdbuf();
  into.body = rest.str();
}

SuiteCase read_case(const fs::path& folder) {
  SuiteCase read;
  const auto context = nlohmann::json::parse(slurp(folder / "context.json"));
  const auto& keys = context.at("credentials");
  read.credential.access_key_id = keys.at("access_key_id");
  read.credential.secret_access_key = Secret(keys.at("secret_access_key").get<std::string>());
  read.credential.session_token = Secret(keys.value("token", ""));
  read.scope.region = context.at("region");
  read.scope.service = context.at("service");
  read.scope.time = parse_rfc3339(context.at("timestamp").get<std::string>()).value();
  read.scope.normalize_path = context.at("normalize");
  read.scope.sign_body_hash = context.at("sign_body");
  read.scope.token_after_signing = context.value("omit_session_token", false);
  read.expires = Seconds{context.at("expiration_in_seconds").get<int>()};
  read_request(slurp(folder / "request.txt"), read);
  return read;
}

void check_signature(const fs::path& folder, const std::string& form, const SigV4Signature& made) {
  CHECK(made.canonical_request.view() == slurp(folder / (form + "-canonical-request.txt")));
  CHECK(made.string_to_sign == slurp(folder / (form + "-string-to-sign.txt")));
  CHECK(made.signature == slurp(folder / (form + "-signature.txt")));
}

AwsCredential example_key(std::string_view token) {
  return {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Secret(token),
          std::nullopt, ""};
}

std::string header_of(const HttpRequest& request, const std::string& name) {
  for (const auto& [given, value] : request.headers) {
    if (given == name) return value;
  }
  return "";
}

}  // namespace

TEST_CASE("sigv4: the cases of AWS's signing suite") {
  if (!fs::is_directory(suite())) {
    MESSAGE("skipped: no signing suite in " << suite().string() << " (PRODACCESS_VECTORS)");
    return;
  }
  int cases = 0;
  for (const auto& entry : fs::directory_iterator(suite())) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    SuiteCase in_headers = read_case(entry.path());
    in_headers.request.body = in_headers.body;
    check_signature(entry.path(), "header",
                    sign_headers(in_headers.request, in_headers.credential, in_headers.scope));
    SuiteCase in_query = read_case(entry.path());
    in_query.request.body = in_query.body;
    check_signature(
        entry.path(), "query",
        sign_query(in_query.request, in_query.credential, in_query.scope, in_query.expires));
    ++cases;
  }
  CHECK(cases == 38);
}

TEST_CASE("sigv4: an STS request with a session token, as botocore signs it") {
  HttpRequest request;
  request.method = "POST";
  request.url = "https://sts.eu-west-1.amazonaws.com/";
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  request.body = Secret(
      "Action=AssumeRole&DurationSeconds=900&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fops"
      "&RoleSessionName=alice&Version=2011-06-15");
  SigV4Scope scope;
  scope.region = "eu-west-1";
  scope.service = "sts";
  scope.time = parse_rfc3339("2026-01-02T03:04:05.678Z").value();
  sign_http_request(request, example_key("TOKEN+/="), scope);
  CHECK(header_of(request, "Authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/sts/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
        "Signature=d6f8f226f5b20f6511bc07a4972cb1807701f2c96c1be886b7dfb0adab8ec872");
  CHECK(header_of(request, "X-Amz-Date") == "20260102T030405Z");
  CHECK(header_of(request, "X-Amz-Security-Token") == "TOKEN+/=");
}

TEST_CASE("sigv4: what a proxy may change stays unsigned") {
  SigV4Request request{"GET", "/", "", {{"Host", "h"}, {"User-Agent", "x"}, {"Via-X", "y"}}, {}};
  SigV4Request same = request;
  same.headers[1].second = "z";
  SigV4Request other = request;
  other.headers[2].second = "z";
  const SigV4Scope scope{"r", "s", WallTime{}};
  const auto signature = [&](SigV4Request& which) {
    return sign_headers(which, example_key(""), scope).signature;
  };
  const std::string first = signature(request);
  CHECK(signature(same) == first);
  CHECK(signature(other) != first);
}

TEST_CASE("sigv4: a presigned URL keeps its query and ends in the signature") {
  const SigV4Scope scope{"eu-west-1", "sts", parse_rfc3339("2026-01-02T03:04:05Z").value()};
  const Secret url = presigned_url(
      "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
      {{"x-k8s-aws-id", "prod"}}, example_key("T+/="), scope, Seconds{60});
  const std::string text(url.view());
  CHECK(
      text.starts_with("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&"
                       "Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&"));
  CHECK(text.find("&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&") != std::string::npos);
  CHECK(text.find("&X-Amz-Security-Token=T%2B%2F%3D&") != std::string::npos);
  CHECK(text.size() == text.find("&X-Amz-Signature=") + 17 + 64);
}

TEST_CASE("percent-decoding leaves what is no escape alone") {
  CHECK(percent_decode("a%20b%2Fc%c3%a9") == "a b/c\xc3\xa9");
  CHECK(percent_decode("%") == "%");
  CHECK(percent_decode("%4") == "%4");
  CHECK(percent_decode("%zz+") == "%zz+");
}
