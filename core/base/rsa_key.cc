#include "core/base/rsa_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base/crypto_library.h"
#include "core/base/error.h"

namespace prodaccess {
namespace {

constexpr int kFewestBits = 2048;
constexpr int kMostBits = 16384;

using BioHandle = std::unique_ptr<BIO, decltype(&BIO_free)>;
using ContextHandle = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// libcrypto's own would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

struct RsaKey::Handle {
  EVP_PKEY* key = nullptr;
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { EVP_PKEY_free(key); }
};

RsaKey RsaKey::from_pem(const Secret& pem, const std::string& what) {
  prepare_crypto();
  const BioHandle text(BIO_new_mem_buf(pem.view().data(), static_cast<int>(pem.size())), &BIO_free);
  auto handle = std::make_shared<Handle>();
  if (text) handle->key = PEM_read_bio_PrivateKey(text.get(), nullptr, &no_passphrase, nullptr);
  if (handle->key == nullptr || EVP_PKEY_get_base_id(handle->key) != EVP_PKEY_RSA) {
    throw Error(ErrorCode::Config, what + " is no RSA private key in PEM without a passphrase");
  }
  const int bits = EVP_PKEY_get_bits(handle->key);
  if (bits < kFewestBits || bits > kMostBits) {
    throw Error(ErrorCode::Config,
                what + " has " + std::to_string(bits) + " bits; 2048 to 16384 are accepted");
  }
  return RsaKey(std::move(handle));
}

std::string RsaKey::sign_sha256(std::string_view message) const {
  const ContextHandle context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(handle_->key)), '\0');
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, handle_->key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1) {
    throw Error(ErrorCode::Internal, "an RSA signature cannot be made");
  }
  signature.resize(size);
  return signature;
}

}  // namespace prodaccess
