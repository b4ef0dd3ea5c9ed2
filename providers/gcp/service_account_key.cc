// A service account's own key: the JWT bearer grant (RFC 7523), and tokens that it signs itself.
// https://developers.google.com/identity/protocols/oauth2/service-account
#include <nlohmann/json.hpp>

#include "core/base/jwt.h"
#include "core/base/rsa_key.h"
#include "core/base/text.h"
#include "providers/gcp/base_identity.h"

namespace prodaccess {
namespace {

constexpr const char* kBearerGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr Seconds kLongestAssertion{3600};

class ServiceAccountKey final : public GoogleBaseIdentity {
 public:
  ServiceAccountKey(GoogleApi& api, ServiceAccountFile file)
      : api_(api),
        file_(std::move(file)),
        key_(RsaKey::from_pem(file_.private_key, "the key of " + file_.email)) {}

  std::string words() override { return "service account key of " + file_.email; }
  std::string email() override { return file_.email; }

  GoogleToken access_token(const std::vector<std::string>& scopes, Seconds) override {
    return api_.oauth_token(bearer_form({{"scope", join(scopes, " ")}}), whose());
  }

  GoogleToken id_token(const std::string& audience) override {
    return api_.oauth_id_token(bearer_form({{"target_audience", audience}}), audience, whose());
  }

  GoogleToken self_signed(const std::string& audience, const std::vector<std::string>& scopes,
                          Seconds life) override {
    Json claims = audience.empty() ? Json{{"scope", join(scopes, " ")}} : Json{{"aud", audience}};
    claims["sub"] = file_.email;
    const Seconds lasting = std::min(life, kLongestAssertion);
    Secret token = sign(std::move(claims), lasting);
    return {std::move(token),
            std::chrono::floor<std::chrono::seconds>(api_.clock().wall_now()) + lasting};
  }

 private:
  std::string whose() const { return "the key of " + file_.email; }

  FormFields bearer_form(Json claims) {
    claims["aud"] = api_.endpoints().token_audience();
    return {{"grant_type", kBearerGrant},
            {"assertion", std::string(sign(std::move(claims), kLongestAssertion).view())}};
  }

  Secret sign(Json claims, Seconds life) {
    const auto now = std::chrono::floor<std::chrono::seconds>(api_.clock().wall_now());
    claims["iss"] = file_.email;
    claims["iat"] = now.time_since_epoch().count();
    claims["exp"] = (now + life).time_since_epoch().count();
    Json header = {{"alg", "RS256"}, {"typ", "JWT"}};
    if (!file_.key_id.empty()) header["kid"] = file_.key_id;
    return compact_jwt(header, claims,
                       [this](std::string_view text) { return key_.sign_sha256(text); });
  }

  GoogleApi& api_;
  ServiceAccountFile file_;
  RsaKey key_;
};

}  // namespace

std::unique_ptr<GoogleBaseIdentity> make_service_account_key(GoogleApi& api,
                                                             ServiceAccountFile file) {
  return std::make_unique<ServiceAccountKey>(api, std::move(file));
}

}  // namespace prodaccess
