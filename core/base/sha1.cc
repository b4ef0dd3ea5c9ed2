#include "core/base/sha1.h"

#include <nettle/sha1.h>

#include <array>
#include <cstdint>

#include "core/base/text.h"

namespace prodaccess {

std::string sha1_hex(std::string_view bytes) {
  sha1_ctx context{};
  std::array<std::uint8_t, SHA1_DIGEST_SIZE> digest{};
  nettle_sha1_init(&context);
  nettle_sha1_update(&context, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  nettle_sha1_digest(&context, digest.size(), digest.data());
  return hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace prodaccess
