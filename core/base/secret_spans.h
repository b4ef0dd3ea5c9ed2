// What looks like a secret in text from anywhere: passwords and tokens in URLs, values of words
// named like secrets (PGPASSWORD=..., "Authorization: Bearer ..."), AWS keys, JSON Web Tokens,
// private keys in PEM, and tokens with the prefixes that services give them. It errs towards
// finding.
//
// Pure, linear in the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

struct SecretSpan {
  std::size_t begin;
  std::size_t end;
};

// In order, none touching another.
std::vector<SecretSpan> find_secrets(std::string_view text);

// Whether a variable, option, header or query parameter of this name holds a secret.
bool names_a_secret(std::string_view name);

// `text` with "[secret]" in the place of each that was found.
std::string without_likely_secrets(std::string_view text);

}  // namespace prodaccess
