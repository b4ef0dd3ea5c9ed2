#include "providers/kubernetes/exec_credential.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"

namespace prodaccess {

std::string exec_credential_version(std::string_view exec_info) {
  try {
    const Json info = parse_json_strictly(exec_info, "KUBERNETES_EXEC_INFO");
    if (info.is_object() && info.value("kind", "") == "ExecCredential" &&
        info.value("apiVersion", "") == kExecCredentialV1) {
      return kExecCredentialV1;
    }
  } catch (const Error&) {
    return kExecCredentialV1Beta1;
  } catch (const Json::exception&) {
    return kExecCredentialV1Beta1;
  }
  return kExecCredentialV1Beta1;
}

Secret exec_credential(const std::string& api_version, std::string_view token,
                       WallTime expires_at) {
  // The token has no character that JSON would escape (it was checked when it came), so it goes in
  // without passing through Json's own memory.
  const Json frame = {{"apiVersion", api_version},
                      {"kind", "ExecCredential"},
                      {"status",
                       {{"expirationTimestamp",
                         format_rfc3339(std::chrono::floor<std::chrono::seconds>(expires_at))},
                        {"token", "@"}}}};
  const std::string text = canonical_json(frame);
  const std::size_t at = text.rfind('@');
  std::string whole;
  whole.reserve(text.size() + token.size());
  whole.append(text, 0, at).append(token).append(text, at + 1);
  return seal(std::move(whole));
}

}  // namespace prodaccess
