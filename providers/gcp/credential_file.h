// The credential files of Google's own tools (application_default_credentials.json, keys,
// federation configurations), read strictly. Pure.
// https://cloud.google.com/docs/authentication/application-default-credentials
//
// Endpoints that a file names must be the role's own (gcp_endpoints.h). Members that are not needed
// are passed over: Google adds them. Errors: Error{Config} naming the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "providers/gcp/gcp_endpoints.h"

namespace prodaccess {

// "type": "service_account"
struct ServiceAccountFile {
  std::string email;
  std::string key_id;
  Secret private_key;  // PEM
  std::string project;
};

// "type": "authorized_user"
struct AuthorizedUserFile {
  std::string client_id;
  Secret client_secret;
  Secret refresh_token;
  std::string quota_project;
};

// How a file or an answer holds the external token: as its text, or in a member of a JSON object.
struct SubjectFormat {
  std::string member;  // "": the text
};

struct FileSource {
  std::string path;
  SubjectFormat format;
};

struct UrlSource {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  SubjectFormat format;
};

struct ExecutableSource {
  std::vector<std::string> argv;  // absolute
  Milliseconds timeout{30'000};
};

// "environment_id": "aws1"
struct AwsSource {
  std::string region_url;        // "": the region is in the environment
  std::string credentials_url;   // "": so are the keys
  std::string session_url;       // IMDSv2; "" for none
  std::string verification_url;  // with {region}
};

// "type": "external_account"
struct ExternalAccountFile {
  std::string audience;
  std::string subject_token_type;
  std::string service_account;  // impersonated with the federated token; "" for none
  std::optional<Seconds> lifetime;
  std::string workforce_project;  // "userProject", for workforce pools
  std::string quota_project;
  std::variant<FileSource, UrlSource, ExecutableSource, AwsSource> source;
};

using CredentialFile = std::variant<ServiceAccountFile, AuthorizedUserFile, ExternalAccountFile>;

CredentialFile read_credential_file(std::string_view text, const std::string& path,
                                    const GcpEndpoints& endpoints);

}  // namespace prodaccess
