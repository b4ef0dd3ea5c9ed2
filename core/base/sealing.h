// Sealing: authenticated encryption with AES-256-GCM (NIST SP 800-38D), and the making of its keys
// from passphrases (scrypt, RFC 7914) or from secrets that are random already (HKDF-SHA256, RFC
// 5869, one block).
//
// Errors: Error{Internal} where libcrypto fails or a length is wrong. Threads: as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/secret.h"

namespace prodaccess {

constexpr std::size_t kSealKeySize = 32;
constexpr std::size_t kSealNonceSize = 12;  // never twice with one key: random is enough
constexpr std::size_t kSealTagSize = 16;

// The ciphertext with its tag behind it. `context` is authenticated, not kept.
std::string seal(const Secret& key, std::string_view nonce, std::string_view context,
                 std::string_view plain);

// Absent: another key, nonce or context, or changed bytes.
std::optional<Secret> unseal(const Secret& key, std::string_view nonce, std::string_view context,
                             std::string_view sealed);

// How much work one guess costs: memory is 128 * block * 2^log_n bytes.
struct ScryptCost {
  std::uint32_t log_n = 16;
  std::uint32_t block = 8;
  std::uint32_t parallel = 1;

  bool acceptable() const;  // enough to be worth it, and at most 1 GiB
};

Secret key_from_passphrase(std::string_view passphrase, std::string_view salt, ScryptCost cost);

// `purpose` keeps apart keys made for different things.
Secret key_from_secret(std::string_view secret, std::string_view salt, std::string_view purpose);

}  // namespace prodaccess
