// GoogleApi: the calls to Google's token services that issuing takes. Each makes nothing that a
// repetition would make twice over, so all are repeated on 408, 429, 500, 502, 503 and 504.
//
//   token endpoint    https://developers.google.com/identity/protocols/oauth2/service-account
//   STS               https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
//   IAM Credentials   https://cloud.google.com/iam/docs/reference/credentials/rest
//
// Errors: Error{Provider} with Google's own reason, cut and escaped, and what to do. Threads: one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/os/clock.h"
#include "providers/gcp/gcp_parameters.h"
#include "providers/gcp/google_reply.h"
#include "providers/http/http_client.h"

namespace prodaccess {

// Whose grant it is where it is a user's login.
inline constexpr const char* kLogin = "the login";

using FormFields = std::vector<std::pair<std::string, std::string>>;

class GoogleApi {
 public:
  // All must outlive it.
  GoogleApi(HttpClient& client, const Clock& clock, const GcpEndpoints& endpoints,
            std::string quota_project);

  // The token endpoint: JWT bearer and refresh-token grants. `whose`: "the key of ana@...".
  GoogleToken oauth_token(const FormFields& form, const std::string& whose);
  GoogleToken oauth_id_token(const FormFields& form, const std::string& audience,
                             const std::string& whose);
  // An external token for a Google one.
  GoogleToken exchange(FormFields form);
  // A token that can do no more than `boundary` says, with the subject's own end.
  GoogleToken downscope(const GoogleToken& subject, const std::vector<GcpBoundaryRule>& boundary);
  GoogleToken generate_access_token(const GoogleToken& base, const GcpTier& tier,
                                    const std::vector<std::string>& scopes, Seconds life);
  GoogleToken generate_id_token(const GoogleToken& base, const GcpTier& tier,
                                const std::string& audience);
  TokenInfo token_info(std::string_view token);
  // Which of `permissions` the holder of `base` has on `account`; absent: it cannot be told.
  std::optional<std::vector<std::string>> permissions_on(
      const GoogleToken& base, const std::string& account,
      const std::vector<std::string>& permissions);
  // Ends a login: its refresh token and all access tokens that came of it.
  void revoke(std::string_view refresh_token);

  // Google's clock, as of the last answer.
  std::optional<WallTime> server_time() const { return server_time_; }
  const Clock& clock() const { return clock_; }
  const GcpEndpoints& endpoints() const { return endpoints_; }
  HttpResponse send(HttpRequest request);

 private:
  HttpResponse post_form(const std::string& url, const FormFields& form);
  HttpResponse call_account(const GoogleToken& base, const std::string& account,
                            const std::string& method, const Json& body);
  [[noreturn]] void refuse_grant(const HttpResponse& response, const std::string& whose) const;

  HttpClient& client_;
  const Clock& clock_;
  const GcpEndpoints& endpoints_;
  std::string quota_project_;
  std::optional<WallTime> server_time_;
};

}  // namespace prodaccess
