// The metadata server of a machine, cluster or function in Google Cloud.
// https://cloud.google.com/compute/docs/metadata/overview
//
// It keeps its tokens: a "new" one may have little life left, and none can be had shorter.
#include "core/base/error.h"
#include "core/base/text.h"
#include "providers/gcp/base_identity.h"
#include "providers/http/url.h"

namespace prodaccess {
namespace {

constexpr const char* kAccount = "/computeMetadata/v1/instance/service-accounts/default/";
constexpr Milliseconds kPatience{5'000};

class MetadataServer final : public GoogleBaseIdentity {
 public:
  explicit MetadataServer(GoogleApi& api) : api_(api) {}

  std::string words() override { return "metadata server"; }

  std::string email() override {
    if (email_.empty()) {
      const Secret text = ask("email");
      email_ = trim(text.view());
      if (!is_service_account(email_)) {
        email_.clear();
        throw Error(ErrorCode::Provider, "the metadata server names no service account");
      }
    }
    return email_;
  }

  GoogleToken access_token(const std::vector<std::string>& scopes, Seconds) override {
    const WallTime now = api_.clock().wall_now();
    const std::string query = scopes.empty() ? "" : "?scopes=" + percent_encode(join(scopes, ","));
    return read_oauth_token(ask("token" + query).view(), now);
  }

  GoogleToken id_token(const std::string& audience) override {
    const Secret text = ask("identity?audience=" + percent_encode(audience) + "&format=full");
    return checked_id_token(Secret(trim(text.view())), audience, api_.clock().wall_now());
  }

 private:
  Secret ask(const std::string& what) {
    HttpRequest request;
    request.url = api_.endpoints().metadata + kAccount + what;
    request.headers = {{"Metadata-Flavor", "Google"}};
    request.timeout = kPatience;
    HttpResponse response = api_.send(std::move(request));
    if (response.header("metadata-flavor") != "Google") {
      throw Error(ErrorCode::Provider, api_.endpoints().metadata +
                                           " is not Google's metadata server: it does not say so");
    }
    if (response.status != 200) {
      throw Error(ErrorCode::Provider,
                  "the metadata server answers with status " + std::to_string(response.status),
                  {"this machine may have no service account"});
    }
    return std::move(response.body);
  }

  GoogleApi& api_;
  std::string email_;
};

}  // namespace

std::unique_ptr<GoogleBaseIdentity> make_metadata_server(GoogleApi& api) {
  return std::make_unique<MetadataServer>(api);
}

}  // namespace prodaccess
