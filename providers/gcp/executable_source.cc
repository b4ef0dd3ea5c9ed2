#include "providers/gcp/executable_source.h"

#include <nlohmann/json.hpp>

#include "core/base/secret_text.h"

namespace prodaccess {

Json external_account_file(const ExecutableClient& client, const std::string& token_url) {
  Json file = {{"type", "external_account"},
               {"audience", client.pool},
               {"subject_token_type", client.token_type},
               {"token_url", token_url},
               {"credential_source",
                {{"executable", {{"command", client.command}, {"timeout_millis", 60000}}}}}};
  if (!client.impersonation_url.empty()) {
    file["service_account_impersonation_url"] = client.impersonation_url;
  }
  return file;
}

Secret executable_answer(std::string_view token, const std::string& type, WallTime expires_at) {
  const auto end = std::chrono::floor<std::chrono::seconds>(expires_at).time_since_epoch().count();
  SecretText text;
  text.add('{').add_json_member("token_type", type == kIdTokenType ? kIdTokenType : kJwtType);
  text.add_json_member("id_token", token);
  text.add(",\"version\":1,\"success\":true,\"expiration_time\":" + std::to_string(end) + "}\n");
  return text.take();
}

}  // namespace prodaccess
