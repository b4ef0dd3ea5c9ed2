#include "providers/vault/vault_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestError = 300;
constexpr std::size_t kLongestToken = 8U << 10;
constexpr std::size_t kLongestName = 2048;
constexpr std::int64_t kLongestLife = 3'650LL * 24 * 3600;  // ten years

[[noreturn]] void unbelievable(const std::string& what, const std::string& member) {
  throw Error(ErrorCode::Provider, what + " has no believable '" + member + "'");
}

bool absent(const Json& object, const char* member) {
  return !object.contains(member) || object.at(member).is_null();
}

std::string take_text(const Json& object, const char* member, const std::string& what) {
  if (absent(object, member)) return "";
  const Json& value = object.at(member);
  if (!value.is_string() || value.get_ref<const std::string&>().size() > kLongestName) {
    unbelievable(what, member);
  }
  const std::string& text = value.get_ref<const std::string&>();
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  if (!plain) unbelievable(what, member);
  return text;
}

Seconds take_seconds(const Json& object, const char* member, const std::string& what) {
  if (absent(object, member)) return Seconds{0};
  const Json& value = object.at(member);
  if (!value.is_number_integer() || value < 0 || value > kLongestLife) unbelievable(what, member);
  return Seconds{value.get<std::int64_t>()};
}

bool take_truth(const Json& object, const char* member, const std::string& what) {
  if (absent(object, member)) return false;
  if (!object.at(member).is_boolean()) unbelievable(what, member);
  return object.at(member).get<bool>();
}

std::vector<std::string> take_texts(const Json& object, const char* member,
                                    const std::string& what) {
  std::vector<std::string> texts;
  if (absent(object, member)) return texts;
  if (!object.at(member).is_array()) unbelievable(what, member);
  for (const Json& item : object.at(member)) {
    if (!item.is_string()) unbelievable(what, member);
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

VaultToken take_token(Json& auth, const std::string& what) {
  if (!auth.is_object()) unbelievable(what, "auth");
  if (!absent(auth, "mfa_requirement")) {
    throw Error(ErrorCode::Provider, what + " asks for a second factor, which needs a person",
                {"use login method \"oidc\": the browser asks for it"});
  }
  VaultToken token;
  // Renewing by accessor tells the new life without the token.
  if (!absent(auth, "client_token") && auth.at("client_token") != "") {
    if (!auth.at("client_token").is_string()) unbelievable(what, "client_token");
    token.token = seal(std::move(auth.at("client_token").get_ref<std::string&>()));
    if (!is_vault_token(token.token.view())) unbelievable(what, "client_token");
  }
  token.accessor = take_text(auth, "accessor", what);
  if (!token.accessor.empty() && !is_vault_token(token.accessor)) unbelievable(what, "accessor");
  token.policies = take_texts(auth, "policies", what);
  token.life = take_seconds(auth, "lease_duration", what);
  token.renewable = take_truth(auth, "renewable", what);
  return token;
}

bool all_texts(const Json& list) {
  return list.is_array() &&
         std::all_of(list.begin(), list.end(), [](const Json& item) { return item.is_string(); });
}

std::string lines_of(const Json& list) {
  std::string lines;
  for (const Json& item : list) {
    if (!lines.empty()) lines += '\n';
    lines += item.get_ref<const std::string&>();
  }
  return lines;
}

VaultFields take_fields(Json& object, const std::string& what) {
  if (!object.is_object()) unbelievable(what, "data");
  VaultFields fields;
  for (auto& [name, value] : object.items()) {
    if (value.is_null()) continue;
    if (value.is_string()) {
      fields.emplace(name, seal(std::move(value.get_ref<std::string&>())));
    } else {
      fields.emplace(name, seal(all_texts(value) ? lines_of(value) : canonical_json(value)));
    }
  }
  return fields;
}

}  // namespace

std::string VaultReply::text(std::string_view name) const {
  const auto found = data.find(name);
  return found == data.end() ? std::string() : std::string(found->second.view());
}

VaultToken VaultReply::new_token() {
  if (!auth || auth->token.empty()) {
    throw Error(ErrorCode::Provider, "the server answered without a token");
  }
  return std::move(*auth);
}

VaultReply parse_vault_reply(std::string_view body, const std::string& what) {
  VaultReply reply;
  if (trim(body).empty()) return reply;
  Json envelope = parse_json_strictly(body, what);
  if (!envelope.is_object()) throw Error(ErrorCode::Provider, what + " is no object");
  reply.lease_id = take_text(envelope, "lease_id", what);
  reply.lease = take_seconds(envelope, "lease_duration", what);
  reply.renewable = take_truth(envelope, "renewable", what);
  reply.warnings = take_texts(envelope, "warnings", what);
  if (!absent(envelope, "auth")) reply.auth = take_token(envelope.at("auth"), what);
  if (!absent(envelope, "data")) reply.data = take_fields(envelope.at("data"), what);
  return reply;
}

VaultFields fields_of_object(std::string_view text, const std::string& what) {
  Json object = parse_json_strictly(text, what);
  return take_fields(object, what);
}

std::string vault_errors(std::string_view body) {
  try {
    const Json reply = parse_json_strictly(body, "the reply");
    if (!reply.is_object() || !reply.contains("errors") || !all_texts(reply.at("errors"))) {
      return "";
    }
    std::string text;
    for (std::string part : split(lines_of(reply.at("errors")), '\n')) {
      // Go's multierror: "1 error occurred:\n\t* permission denied\n\n".
      std::string_view line = trim(part);
      if (line.starts_with("* ")) line.remove_prefix(2);
      if (line.empty() || line.ends_with("error occurred:") || line.ends_with("errors occurred:")) {
        continue;
      }
      text += (text.empty() ? "" : "; ") + std::string(line);
    }
    return escape_for_terminal(text.substr(0, kLongestError));
  } catch (const Error&) {
    return "";  // a proxy's page: its text is nobody's business
  }
}

bool is_vault_token(std::string_view text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

}  // namespace prodaccess
