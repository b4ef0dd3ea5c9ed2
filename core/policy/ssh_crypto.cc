#include "core/policy/ssh_crypto.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <string>

#include "core/base/crypto_library.h"
#include "core/base/ssh_wire.h"

namespace prodaccess {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 16384;

struct Curve {
  const char* key_type;
  const char* name;
  int nid;
  const EVP_MD* (*digest)();
};
const std::array<Curve, 3> kCurves{{
    {"ecdsa-sha2-nistp256", "nistp256", NID_X9_62_prime256v1, &EVP_sha256},
    {"ecdsa-sha2-nistp384", "nistp384", NID_secp384r1, &EVP_sha384},
    {"ecdsa-sha2-nistp521", "nistp521", NID_secp521r1, &EVP_sha512},
}};

struct Delete {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(RSA* key) const { RSA_free(key); }
  void operator()(EC_KEY* key) const { EC_KEY_free(key); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using EvpKey = std::unique_ptr<EVP_PKEY, Delete>;
using EvpDigestContext = std::unique_ptr<EVP_MD_CTX, Delete>;
using Number = std::unique_ptr<BIGNUM, Delete>;

const unsigned char* openssl_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// An mpint is a positive number in two's complement: absent where it is negative or too long.
Number to_number(std::string_view mpint) {
  constexpr std::size_t kLongest = kMostRsaBits / 8 + 1;
  const bool negative = !mpint.empty() && (static_cast<unsigned char>(mpint[0]) & 0x80) != 0;
  if (mpint.empty() || mpint.size() > kLongest || negative) return nullptr;
  return Number(BN_bin2bn(openssl_bytes(mpint), static_cast<int>(mpint.size()), nullptr));
}

bool evp_verify(EVP_PKEY* key, const EVP_MD* digest, std::string_view message,
                std::string_view signature) {
  const EvpDigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), openssl_bytes(signature), signature.size(),
                          openssl_bytes(message), message.size()) == 1;
}

EvpKey ec_key(int nid, std::string_view point) {
  const std::unique_ptr<EC_KEY, Delete> ec(EC_KEY_new_by_curve_name(nid));
  EvpKey key(EVP_PKEY_new());
  if (!ec || !key || EC_KEY_oct2key(ec.get(), openssl_bytes(point), point.size(), nullptr) != 1 ||
      EC_KEY_check_key(ec.get()) != 1 || EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) != 1) {
    return nullptr;
  }
  return key;
}

// r and s as the DER that libcrypto reads; "" where they are no numbers.
std::string der_signature(std::string_view ssh_signature) {
  SshReader reader(ssh_signature);
  Number r = to_number(reader.string());
  Number s = to_number(reader.string());
  const std::unique_ptr<ECDSA_SIG, Delete> signature(ECDSA_SIG_new());
  if (!reader.finished() || !r || !s || !signature ||
      ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
    return {};
  }
  static_cast<void>(r.release());  // the signature owns them now
  static_cast<void>(s.release());
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &bytes);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

const char* ecdsa_curve_of(std::string_view key_type) {
  for (const Curve& curve : kCurves) {
    if (key_type == curve.key_type) return curve.name;
  }
  return nullptr;
}

bool ecdsa_verify(std::string_view curve, std::string_view point, std::string_view message,
                  std::string_view signature) {
  prepare_crypto();
  for (const Curve& known : kCurves) {
    if (curve != known.name) continue;
    const EvpKey key = ec_key(known.nid, point);
    const std::string der = der_signature(signature);
    return key && !der.empty() && evp_verify(key.get(), known.digest(), message, der);
  }
  return false;
}

bool rsa_verify(std::string_view exponent, std::string_view modulus, std::string_view algorithm,
                std::string_view message, std::string_view signature) {
  prepare_crypto();
  const EVP_MD* digest = algorithm == "rsa-sha2-512"   ? EVP_sha512()
                         : algorithm == "rsa-sha2-256" ? EVP_sha256()
                                                       : nullptr;
  Number e = to_number(exponent);
  Number n = to_number(modulus);
  if (digest == nullptr || !e || !n) return false;
  const int bits = BN_num_bits(n.get());
  if (bits < kLeastRsaBits || bits > kMostRsaBits) return false;
  const std::size_t size = static_cast<std::size_t>(bits + 7) / 8;
  if (signature.size() > size) return false;

  const std::unique_ptr<RSA, Delete> rsa(RSA_new());
  EvpKey key(EVP_PKEY_new());
  if (!rsa || !key || RSA_set0_key(rsa.get(), n.get(), e.get(), nullptr) != 1) return false;
  static_cast<void>(n.release());  // the key owns them now
  static_cast<void>(e.release());
  if (EVP_PKEY_set1_RSA(key.get(), rsa.get()) != 1) return false;
  // Some signers leave leading zeros out (RFC 8332, section 3).
  std::string padded(size - signature.size(), '\0');
  padded += signature;
  return evp_verify(key.get(), digest, message, padded);
}

}  // namespace prodaccess
