// What a role of the GCP provider says in its [roles.NAME.gcp] table (prodaccess-gcp(7)):
//
//   gcp = { service_account = "deploy@acme.iam.gserviceaccount.com",
//           federation = "/etc/prodaccess/wif.json", project = "acme-prod" }
//
//   The base identity, which speaks to Google for the role:
//     auth              credentials-file, application-default, federation, metadata or gcloud;
//                       known by the next two keys where they stand
//     credentials       a credential file: service_account, authorized_user or external_account
//     federation        a file of type external_account, which need not be secret
//     allow_executable  that file may name a program to run; false
//     gcloud_account    the account of gcloud's own login; its active one
//   What is issued:
//     kind              access-token, id-token, jwt (signed by the key itself) or subject-token
//     service_account, delegates, scopes, boundary    (also in tiers.read and tiers.wide)
//     audience          of id-token and jwt
//     lifetime_extension  the organisation lets tokens of this account live up to 12 hours; false
//     account           the e-mail address that the credential must turn out to be
//     project, quota_project
//     revoke_login      revoke ends the login (authorized_user) that the token came from; false
//
// Errors: Error{Config} with FILE:LINE:COLUMN.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/config_table.h"
#include "core/grant/credential.h"
#include "providers/gcp/gcp_endpoints.h"

namespace prodaccess {

enum class GcpAuth { CredentialsFile, ApplicationDefault, Federation, Metadata, Gcloud };
enum class GcpKind { AccessToken, IdToken, Jwt, SubjectToken };

inline constexpr const char* kCloudPlatformScope = "https://www.googleapis.com/auth/cloud-platform";
inline constexpr const char* kEmailScope = "https://www.googleapis.com/auth/userinfo.email";

// A rule of a Credential Access Boundary: what of a bucket the token may still do.
struct GcpBoundaryRule {
  std::string resource;                  // //storage.googleapis.com/projects/_/buckets/NAME
  std::vector<std::string> permissions;  // inRole:roles/...
  std::string condition;                 // CEL; "" for none
};

// What the credential of one tier is.
struct GcpTier {
  std::string service_account;  // "": the base identity itself
  std::vector<std::string> delegates;
  std::vector<std::string> scopes;  // never empty
  bool scopes_given = false;
  std::vector<GcpBoundaryRule> boundary;
};

struct GcpParameters {
  GcpAuth auth = GcpAuth::CredentialsFile;
  std::string credentials;  // absolute
  bool allow_executable = false;
  std::string gcloud_account;
  std::string gcloud_program;  // "" to look for it
  GcpKind kind = GcpKind::AccessToken;
  std::string audience;
  std::string account;
  bool lifetime_extension = false;
  bool revoke_login = false;
  std::string project;
  std::string quota_project;
  GcpTier wide;
  std::optional<GcpTier> read;
  GcpEndpoints endpoints;

  const GcpTier& tier(Tier which) const { return which == Tier::Read && read ? *read : wide; }
};

GcpParameters read_gcp_parameters(ConfigTable table);

// Whether Google itself lets a token of this tier read only: every scope is a reading one, or every
// rule of the boundary names a role that reads objects.
bool only_reads(const GcpTier& tier);

// "access token", "ID token", ...
std::string gcp_kind_words(GcpKind kind);

}  // namespace prodaccess
