#include "core/base/sha256.h"

#include "core/base/secret.h"
#include "core/base/text.h"

namespace prodaccess {

namespace {

const std::uint8_t* octets(std::string_view bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

}  // namespace

Sha256::Sha256() : context_{} { nettle_sha256_init(&context_); }

Sha256& Sha256::update(std::string_view bytes) {
  nettle_sha256_update(&context_, bytes.size(), octets(bytes));
  return *this;
}

Digest Sha256::finish() {
  Digest digest{};
  nettle_sha256_digest(&context_, digest.size(), digest.data());
  return digest;
}

Digest sha256(std::string_view bytes) { return Sha256().update(bytes).finish(); }

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  constexpr std::size_t kBlock = 64;
  std::array<char, kBlock> inner{};
  std::array<char, kBlock> outer{};
  const Digest hashed = key.size() > kBlock ? sha256(key) : Digest{};
  const std::string_view short_key = key.size() > kBlock ? bytes_of(hashed) : key;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char k = i < short_key.size() ? short_key[i] : '\0';
    inner[i] = static_cast<char>(k ^ 0x36);
    outer[i] = static_cast<char>(k ^ 0x5c);
  }
  const Digest first = Sha256().update({inner.data(), kBlock}).update(bytes).finish();
  const Digest result = Sha256().update({outer.data(), kBlock}).update(bytes_of(first)).finish();
  wipe(inner.data(), kBlock);
  wipe(outer.data(), kBlock);
  return result;
}

std::string hex(const Digest& digest) { return hex(bytes_of(digest)); }

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace prodaccess
