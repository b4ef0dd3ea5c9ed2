// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) by libcrypto's low-level calls, which need none
// of its initialisation (1 ms, measured): the path of an allowed read uses only these.
#pragma once

#include <openssl/sha.h>

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
  SHA256_CTX context_;
};

Digest sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
std::string hex(const Digest& digest);
std::string_view bytes_of(const Digest& digest);

}  // namespace prodaccess
