// Workload and workforce identity federation: an external token is exchanged for a Google one (RFC
// 8693), which may then impersonate the service account that the file names.
// https://cloud.google.com/iam/docs/workload-identity-federation
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/jwt.h"
#include "core/base/text.h"
#include "providers/gcp/base_identity.h"
#include "providers/gcp/subject_token.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

class Federation final : public GoogleBaseIdentity {
 public:
  Federation(const GcpHost& host, GoogleApi& api, ExternalAccountFile file)
      : host_(host), api_(api), file_(std::move(file)) {
    account_.service_account = file_.service_account;
  }

  std::string words() override {
    const std::string pool = "federation of " + file_.audience.substr(0, 200);
    return file_.service_account.empty() ? pool : pool + " as " + file_.service_account;
  }
  std::string email() override { return file_.service_account; }
  bool known_to_token_info() const override { return !file_.service_account.empty(); }

  GoogleToken access_token(const std::vector<std::string>& scopes, Seconds life) override {
    if (file_.service_account.empty()) return federated(scopes);
    return api_.generate_access_token(federated({kCloudPlatformScope}), account_, scopes,
                                      std::min(life, file_.lifetime.value_or(life)));
  }

  GoogleToken id_token(const std::string& audience) override {
    if (file_.service_account.empty()) return GoogleBaseIdentity::id_token(audience);
    return api_.generate_id_token(federated({kCloudPlatformScope}), account_, audience);
  }

  GoogleToken subject_token() override {
    Secret token = fetch_subject_token(host_, api_, file_);
    const auto claims = unverified_claims(token.view());
    const auto end = claims ? claims->find("exp") : Json::const_iterator();
    const WallTime now = host_.clock.wall_now();
    if (!claims || end == claims->end() || !end->is_number_integer()) {
      throw Error(ErrorCode::Provider, "the external token is no JWT with an end");
    }
    const auto latest = std::chrono::floor<std::chrono::seconds>(now + kLongestLife);
    const WallTime expires_at{Seconds{
        std::clamp<std::int64_t>(end->get<std::int64_t>(), 0, latest.time_since_epoch().count())}};
    if (expires_at <= now) throw Error(ErrorCode::Provider, "the external token has expired");
    return {std::move(token), expires_at};
  }

 private:
  GoogleToken federated(const std::vector<std::string>& scopes) {
    const Secret subject = fetch_subject_token(host_, api_, file_);
    FormFields form = {{"audience", file_.audience},
                       {"scope", join(scopes, " ")},
                       {"subject_token_type", file_.subject_token_type},
                       {"subject_token", std::string(subject.view())}};
    if (!file_.workforce_project.empty()) {
      form.emplace_back(
          "options",
          percent_encode(canonical_json(Json{{"userProject", file_.workforce_project}})));
    }
    return api_.exchange(std::move(form));
  }

  const GcpHost& host_;
  GoogleApi& api_;
  ExternalAccountFile file_;
  GcpTier account_;
};

}  // namespace

std::unique_ptr<GoogleBaseIdentity> make_federation(const GcpHost& host, GoogleApi& api,
                                                    ExternalAccountFile file) {
  return std::make_unique<Federation>(host, api, std::move(file));
}

}  // namespace prodaccess
