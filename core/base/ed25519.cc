#include "core/base/ed25519.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "core/base/crypto_library.h"
#include "core/base/error.h"

namespace prodaccess {
namespace {

constexpr std::size_t kPublicKeySize = 32;
constexpr std::size_t kSignatureSize = 64;

using KeyHandle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using ContextHandle = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

KeyHandle private_handle(const Secret& seed) {
  prepare_crypto();
  KeyHandle key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes(seed.view()), seed.size()),
      &EVP_PKEY_free);
  if (!key) throw Error(ErrorCode::Internal, "not an Ed25519 private key");
  return key;
}

}  // namespace

Ed25519Key::Ed25519Key(Secret seed) : seed_(std::move(seed)) {
  if (seed_.size() != kSeedSize) throw Error(ErrorCode::Internal, "not an Ed25519 private key");
}

const std::string& Ed25519Key::public_key() const {
  if (!public_key_.empty()) return public_key_;
  const KeyHandle key = private_handle(seed_);
  std::string derived(kPublicKeySize, '\0');
  std::size_t size = derived.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(derived.data()),
                                  &size) != 1 ||
      size != kPublicKeySize) {
    throw Error(ErrorCode::Internal, "an Ed25519 public key cannot be derived");
  }
  return public_key_ = std::move(derived);
}

std::string Ed25519Key::sign(std::string_view message) const {
  const KeyHandle key = private_handle(seed_);
  const ContextHandle context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureSize, '\0');
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes(message), message.size()) != 1 ||
      size != kSignatureSize) {
    throw Error(ErrorCode::Internal, "an Ed25519 signature cannot be made");
  }
  return signature;
}

bool ed25519_verify(std::string_view public_key, std::string_view message,
                    std::string_view signature) {
  if (public_key.size() != kPublicKeySize || signature.size() != kSignatureSize) return false;
  prepare_crypto();
  const KeyHandle key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(public_key), public_key.size()),
      &EVP_PKEY_free);
  const ContextHandle context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                          message.size()) == 1;
}

}  // namespace prodaccess
