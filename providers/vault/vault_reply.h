// VaultReply: the envelope in which Vault and OpenBao answer, read strictly. Pure.
//
// Numbers are seconds. Text that goes on to people is escaped where it is used, not here.
// Errors: Error{Provider} for what is no such envelope. https://openbao.org/api-docs/
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

// The "auth" member: a new token.
struct VaultToken {
  Secret token;          // "" where it was renewed by its accessor
  std::string accessor;  // "" for a batch token
  std::vector<std::string> policies;
  Seconds life{0};  // 0: no end (a root token)
  bool renewable = false;
  std::string display_name;
};

// The "wrap_info" member, and the answer to sys/wrapping/lookup.
struct VaultWrapping {
  std::string creation_path;
  Seconds life{0};
};

using VaultFields = std::map<std::string, Secret, std::less<>>;

struct VaultReply {
  std::string lease_id;
  Seconds lease{0};
  bool renewable = false;
  std::optional<VaultToken> auth;
  // The token that a login or a creation must give. Throws where there is none.
  VaultToken new_token();
  // The members of "data": text as it is, numbers and truths as JSON writes them, lists of texts
  // one a line, anything deeper as canonical JSON; null is absent.
  VaultFields data;
  std::vector<std::string> warnings;

  // A member of `data`; "" where it is absent.
  std::string text(std::string_view name) const;
};

// `what` names the reply in messages. "" is an answer without a body.
VaultReply parse_vault_reply(std::string_view body, const std::string& what);

// A JSON object as fields, by the same rules; throws where `text` is none.
VaultFields fields_of_object(std::string_view text, const std::string& what);

// What an {"errors": [...]} body says: one safe line, "" where it says nothing.
std::string vault_errors(std::string_view body);

// What goes into a header or a request as a token: printable, no blanks, at most 8 KiB.
bool is_vault_token(std::string_view text);

}  // namespace prodaccess
