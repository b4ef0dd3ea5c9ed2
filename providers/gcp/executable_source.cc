#include "providers/gcp/executable_source.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/jwt.h"

namespace prodaccess {

Json external_account_file(const ExecutableClient& client, const GcpEndpoints& endpoints) {
  Json file = {{"type", "external_account"},
               {"audience", client.pool},
               {"subject_token_type", client.token_type},
               {"token_url", endpoints.sts + "/v1/token"},
               {"universe_domain", endpoints.universe},
               {"credential_source",
                {{"executable", {{"command", client.command}, {"timeout_millis", 60000}}}}}};
  if (!client.service_account.empty()) {
    file["service_account_impersonation_url"] =
        endpoints.service_account_url(client.service_account, "generateAccessToken");
  }
  return file;
}

Secret executable_answer(std::string_view token, const std::string& type, WallTime expires_at) {
  if (!unverified_claims(token)) {
    throw Error(ErrorCode::Usage, "the role's credential is no token that could be exchanged",
                {"kind = \"id-token\" or \"subject-token\"   in the role's gcp table"});
  }
  const std::int64_t end =
      std::chrono::floor<std::chrono::seconds>(expires_at).time_since_epoch().count();
  // The token has no character that JSON would escape: unverified_claims took it apart.
  const Json frame = {{"version", 1},
                      {"success", true},
                      {"token_type", type == kIdTokenType ? kIdTokenType : kJwtType},
                      {"expiration_time", end},
                      {"id_token", "@"}};
  const std::string text = canonical_json(frame);
  const std::size_t at = text.find('@');
  std::string whole;
  whole.reserve(text.size() + token.size());
  whole.append(text, 0, at).append(token).append(text, at + 1);
  return seal(std::move(whole));
}

}  // namespace prodaccess
