// A person's login, as `gcloud auth application-default login` keeps it: a refresh token (RFC 6749,
// section 6).
#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/gcp/base_identity.h"

namespace prodaccess {
namespace {

class AuthorizedUser final : public GoogleBaseIdentity {
 public:
  AuthorizedUser(GoogleApi& api, AuthorizedUserFile file) : api_(api), file_(std::move(file)) {}

  std::string words() override { return "a user's login"; }
  // The scopes of a login were chosen when it was made; others are refused.
  std::vector<std::string> calling_scopes() const override { return {}; }

  GoogleToken access_token(const std::vector<std::string>& scopes, Seconds) override {
    FormFields form = {{"grant_type", "refresh_token"},
                       {"client_id", file_.client_id},
                       {"client_secret", std::string(file_.client_secret.view())},
                       {"refresh_token", std::string(file_.refresh_token.view())}};
    if (!scopes.empty()) form.emplace_back("scope", join(scopes, " "));
    return api_.oauth_token(form, kLogin);
  }

  void revoke_login() override { api_.revoke(file_.refresh_token.view()); }

 private:
  GoogleApi& api_;
  AuthorizedUserFile file_;
};

}  // namespace

std::unique_ptr<GoogleBaseIdentity> make_authorized_user(GoogleApi& api, AuthorizedUserFile file) {
  return std::make_unique<AuthorizedUser>(api, std::move(file));
}

}  // namespace prodaccess
