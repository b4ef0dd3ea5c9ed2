// GoogleBaseIdentity: who speaks to Google for a role. Its tokens are used here and kept nowhere,
// unless the role asks for the identity's own.
//
// Errors: Error{Provider}, Error{Config} for what its kind cannot do. Threads: one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "providers/gcp/credential_file.h"
#include "providers/gcp/gcp_host.h"
#include "providers/gcp/gcp_parameters.h"
#include "providers/gcp/google_api.h"

namespace prodaccess {

class GoogleBaseIdentity {
 public:
  virtual ~GoogleBaseIdentity() = default;
  // "service account key of deploy@...": for people.
  virtual std::string words() = 0;
  // As far as it is known before a token says so; "" where it is not.
  virtual std::string email() { return ""; }
  // `scopes`: empty for those that it has. `life`: where it can be chosen at all.
  virtual GoogleToken access_token(const std::vector<std::string>& scopes, Seconds life) = 0;
  virtual GoogleToken id_token(const std::string& audience);
  // Signed by the key itself, for `audience` or, where that is "", for `scopes`.
  virtual GoogleToken self_signed(const std::string& audience,
                                  const std::vector<std::string>& scopes, Seconds life);
  // The external token that stands behind a federation.
  virtual GoogleToken subject_token();
  // Whether tokeninfo knows its access tokens: it does not know federated ones.
  virtual bool known_to_token_info() const { return true; }
  // The scopes that a token must be asked for, for calling the IAM Credentials API.
  virtual std::vector<std::string> calling_scopes() const { return {kCloudPlatformScope}; }
  // Ends the login. Throws where there is nothing to end.
  virtual void revoke_login();

 protected:
  [[noreturn]] void cannot(const std::string& what);
};

// Reads the files that the role names. `host`, `api` and `parameters` must outlive it.
std::unique_ptr<GoogleBaseIdentity> make_base_identity(const GcpHost& host, GoogleApi& api,
                                                       const GcpParameters& parameters);

// The federation file that the role names.
ExternalAccountFile read_federation_file(Files& files, const GcpParameters& parameters);

// One maker for each kind; each file documents its own.
std::unique_ptr<GoogleBaseIdentity> make_service_account_key(GoogleApi& api,
                                                             ServiceAccountFile file);
std::unique_ptr<GoogleBaseIdentity> make_authorized_user(GoogleApi& api, AuthorizedUserFile file);
std::unique_ptr<GoogleBaseIdentity> make_metadata_server(GoogleApi& api);
std::unique_ptr<GoogleBaseIdentity> make_federation(const GcpHost& host, GoogleApi& api,
                                                    ExternalAccountFile file);
std::unique_ptr<GoogleBaseIdentity> make_gcloud_login(const GcpHost& host, std::string account,
                                                      std::string program);

}  // namespace prodaccess
