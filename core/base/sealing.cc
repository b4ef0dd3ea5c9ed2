#include "core/base/sealing.h"

#include <openssl/evp.h>

#include <memory>

#include "core/base/crypto_library.h"
#include "core/base/error.h"
#include "core/base/sha256.h"

namespace prodaccess {
namespace {

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }

void require(bool good) {
  if (!good) throw Error(ErrorCode::Internal, "libcrypto failed in AES-256-GCM");
}

enum class Direction { Decrypt, Encrypt };

Cipher start(const Secret& key, std::string_view nonce, std::string_view context,
             Direction direction) {
  prepare_crypto();
  require(key.size() == kSealKeySize && nonce.size() == kSealNonceSize);
  Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  require(cipher != nullptr);
  require(EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key.view()),
                            bytes(nonce), direction == Direction::Encrypt ? 1 : 0) == 1);
  int size = 0;
  require(EVP_CipherUpdate(cipher.get(), nullptr, &size, bytes(context),
                           static_cast<int>(context.size())) == 1);
  return cipher;
}

}  // namespace

std::string seal(const Secret& key, std::string_view nonce, std::string_view context,
                 std::string_view plain) {
  const Cipher cipher = start(key, nonce, context, Direction::Encrypt);
  std::string sealed(plain.size() + kSealTagSize, '\0');
  int size = 0;
  require(EVP_CipherUpdate(cipher.get(), bytes(sealed.data()), &size, bytes(plain),
                           static_cast<int>(plain.size())) == 1);
  require(EVP_CipherFinal_ex(cipher.get(), bytes(sealed.data()) + size, &size) == 1);
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kSealTagSize,
                              sealed.data() + plain.size()) == 1);
  return sealed;
}

std::optional<Secret> unseal(const Secret& key, std::string_view nonce, std::string_view context,
                             std::string_view sealed) {
  if (sealed.size() < kSealTagSize) return std::nullopt;
  const std::string_view body = sealed.substr(0, sealed.size() - kSealTagSize);
  std::string tag(sealed.substr(body.size()));
  const Cipher cipher = start(key, nonce, context, Direction::Decrypt);
  Secret plain(body.size());
  Secret rest(kSealTagSize);  // GCM leaves nothing for the final call, which wants room
  int size = 0;
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kSealTagSize, tag.data()) == 1);
  if (!body.empty()) {
    require(EVP_CipherUpdate(cipher.get(), bytes(plain.data()), &size, bytes(body),
                             static_cast<int>(body.size())) == 1);
  }
  if (EVP_CipherFinal_ex(cipher.get(), bytes(rest.data()), &size) != 1) return std::nullopt;
  return plain;
}

bool ScryptCost::acceptable() const {
  return log_n >= 14 && log_n <= 20 && block == 8 && parallel >= 1 && parallel <= 4;
}

Secret key_from_passphrase(std::string_view passphrase, std::string_view salt, ScryptCost cost) {
  prepare_crypto();
  constexpr std::uint64_t kMostMemory = 2ULL << 30;
  Secret key(kSealKeySize);
  if (EVP_PBE_scrypt(passphrase.data(), passphrase.size(), bytes(salt), salt.size(),
                     1ULL << cost.log_n, cost.block, cost.parallel, kMostMemory, bytes(key.data()),
                     key.size()) != 1) {
    throw Error(ErrorCode::Internal, "libcrypto failed in scrypt");
  }
  return key;
}

Secret key_from_secret(std::string_view secret, std::string_view salt, std::string_view purpose) {
  Digest extracted = hmac_sha256(salt, secret);
  Digest expanded = hmac_sha256(bytes_of(extracted), std::string(purpose) + '\x01');
  Secret key(bytes_of(expanded));
  wipe(extracted.data(), extracted.size());
  wipe(expanded.data(), expanded.size());
  return key;
}

}  // namespace prodaccess
