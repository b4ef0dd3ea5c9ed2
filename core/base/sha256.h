// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) by Nettle, linked statically: each append to the
// ledger needs it, and libcrypto takes 2 ms to come up (core/base/crypto_library.h).
#pragma once

#include <nettle/sha2.h>

#include <array>
#include <string>
#include <string_view>

namespace prodaccess {

using Digest = std::array<unsigned char, 32>;

class Sha256 {
 public:
  Sha256();
  Sha256& update(std::string_view bytes);
  Digest finish();  // once

 private:
  sha256_ctx context_;
};

Digest sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
std::string hex(const Digest& digest);
std::string_view bytes_of(const Digest& digest);

}  // namespace prodaccess
