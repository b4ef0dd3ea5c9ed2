// A credential file is read or refused with Error{Config}; what is read leads to Google alone, and
// a program that it names is an absolute path.
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/gcp/credential_file.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

GcpEndpoints google() {
  GcpEndpoints endpoints;
  endpoints.oauth2 = "https://oauth2.googleapis.com";
  endpoints.sts = "https://sts.googleapis.com";
  endpoints.iam_credentials = "https://iamcredentials.googleapis.com";
  return endpoints;
}

void check_external(const ExternalAccountFile& file) {
  require(!file.audience.empty() && escape_for_terminal(file.audience) == file.audience);
  require(file.service_account.empty() || is_service_account(file.service_account));
  if (const auto* program = std::get_if<ExecutableSource>(&file.source)) {
    require(!program->argv.empty() && program->argv.front().starts_with('/'));
    require(program->timeout <= Milliseconds{120'000});
  }
  if (const auto* url = std::get_if<UrlSource>(&file.source)) {
    for (const auto& [name, value] : url->headers) {
      require((name + value).find_first_of("\r\n") == std::string::npos);
    }
  }
  if (const auto* aws = std::get_if<AwsSource>(&file.source)) {
    require(aws->verification_url.find("GetCallerIdentity") != std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try {
    const CredentialFile file = read_credential_file(text, "/k.json", google());
    if (const auto* external = std::get_if<ExternalAccountFile>(&file)) check_external(*external);
    if (const auto* key = std::get_if<ServiceAccountFile>(&file)) {
      require(is_service_account(key->email) && !key->private_key.empty());
    }
  } catch (const Error& error) {
    require(error.code() == ErrorCode::Config);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
