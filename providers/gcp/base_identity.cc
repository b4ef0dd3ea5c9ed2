#include "providers/gcp/base_identity.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr const char* kApplicationDefault = ".config/gcloud/application_default_credentials.json";
constexpr std::size_t kLargestFile = 64U << 10;

[[noreturn]] void no_file(const std::string& path) {
  throw Error(ErrorCode::Provider, "there is no credential file " + escape_for_terminal(path));
}

// A program that a file names must come from where the policy comes from.
void check_executable(const GcpHost& host, const GcpParameters& parameters,
                      const ExternalAccountFile& file) {
  if (!std::holds_alternative<ExecutableSource>(file.source)) return;
  if (!parameters.allow_executable) {
    throw Error(ErrorCode::Config, parameters.credentials + " names a program to run",
                {"allow_executable = true   in the role's table lets it"});
  }
  if (host.self_governed) return;
  if (!host.files.read(parameters.credentials, Owner::Root, kLargestFile))
    no_file(parameters.credentials);
}

std::unique_ptr<GoogleBaseIdentity> from_secret_file(const GcpHost& host, GoogleApi& api,
                                                     const GcpParameters& parameters,
                                                     const std::string& path) {
  const auto text = host.files.read_secret(host.files.follow_links(path), kLargestFile);
  if (!text) no_file(path);
  CredentialFile file = read_credential_file(text->view(), path, parameters.endpoints);
  if (auto* key = std::get_if<ServiceAccountFile>(&file)) {
    return make_service_account_key(api, std::move(*key));
  }
  if (auto* user = std::get_if<AuthorizedUserFile>(&file)) {
    return make_authorized_user(api, std::move(*user));
  }
  auto& external = std::get<ExternalAccountFile>(file);
  check_executable(host, parameters, external);
  return make_federation(host, api, std::move(external));
}

}  // namespace

// It is no secret, so all may read it.
ExternalAccountFile read_federation_file(Files& files, const GcpParameters& parameters) {
  const auto text =
      files.read(files.follow_links(parameters.credentials), Owner::RootOrMe, kLargestFile);
  if (!text) no_file(parameters.credentials);
  CredentialFile file = read_credential_file(*text, parameters.credentials, parameters.endpoints);
  auto* external = std::get_if<ExternalAccountFile>(&file);
  if (external == nullptr) {
    throw Error(ErrorCode::Config, parameters.credentials + " is not of type external_account",
                {"name it with 'credentials' instead of 'federation'"});
  }
  return std::move(*external);
}

std::vector<std::pair<std::string, Secret>> helper_variables(const GcpHost& host) {
  std::vector<std::pair<std::string, Secret>> variables;
  variables.emplace_back("HOME", Secret(host.home.string()));
  variables.emplace_back("LANG", Secret(std::string_view("C.UTF-8")));
  variables.emplace_back("PATH", Secret(std::string_view("/usr/local/bin:/usr/bin:/bin")));
  return variables;
}

void GoogleBaseIdentity::cannot(const std::string& what) {
  throw Error(ErrorCode::Config, "the base identity (" + words() + ") cannot " + what);
}

GoogleToken GoogleBaseIdentity::id_token(const std::string&) {
  throw Error(ErrorCode::Config,
              "the base identity (" + words() + ") cannot have ID tokens for an audience",
              {"name a 'service_account', whose ID token it may have"});
}

GoogleToken GoogleBaseIdentity::self_signed(const std::string&, const std::vector<std::string>&,
                                            Seconds) {
  cannot("sign tokens itself: that takes a service account key");
}

GoogleToken GoogleBaseIdentity::subject_token() { cannot("have an external token"); }

void GoogleBaseIdentity::revoke_login() { cannot("be revoked here: only a user's own login can"); }

std::unique_ptr<GoogleBaseIdentity> make_base_identity(const GcpHost& host, GoogleApi& api,
                                                       const GcpParameters& parameters) {
  switch (parameters.auth) {
    case GcpAuth::CredentialsFile:
      return from_secret_file(host, api, parameters, parameters.credentials);
    case GcpAuth::ApplicationDefault:
      return from_secret_file(host, api, parameters, (host.home / kApplicationDefault).string());
    case GcpAuth::Federation: {
      ExternalAccountFile file = read_federation_file(host.files, parameters);
      check_executable(host, parameters, file);
      return make_federation(host, api, std::move(file));
    }
    case GcpAuth::Metadata: return make_metadata_server(api);
    case GcpAuth::Gcloud:
      return make_gcloud_login(host, parameters.gcloud_account, parameters.gcloud_program);
  }
  throw Error(ErrorCode::Internal, "no such base identity");
}

}  // namespace prodaccess
