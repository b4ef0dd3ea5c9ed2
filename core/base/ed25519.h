// Ed25519 signatures (RFC 8032) by libcrypto's EVP calls. The first use initialises OpenSSL (1 ms,
// measured), without its configuration file or the modules that the environment may name: nothing
// on the path of an allowed read calls this.
//
// Bytes are std::string: 32 of a public key, 64 of a signature. Threads: one key, one thread.
// Errors: Error{Internal} where libcrypto fails, or a seed has the wrong length.
#pragma once

#include <string>
#include <string_view>

#include "core/base/secret.h"

namespace prodaccess {

class Ed25519Key {
 public:
  static constexpr std::size_t kSeedSize = 32;

  // `seed`: 32 random bytes (core/os/random.h), which are the private key.
  explicit Ed25519Key(Secret seed);

  const Secret& seed() const { return seed_; }
  // Derived when first asked for.
  const std::string& public_key() const;
  std::string sign(std::string_view message) const;

 private:
  Secret seed_;
  mutable std::string public_key_;
};

// False also for a key or signature of the wrong length.
bool ed25519_verify(std::string_view public_key, std::string_view message,
                    std::string_view signature);

}  // namespace prodaccess
