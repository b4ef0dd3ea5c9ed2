// RSA and ECDSA signatures in their SSH forms, checked by libcrypto. Malformed input is false.
#pragma once

#include <string_view>

namespace prodaccess {

// "nistp256" for "ecdsa-sha2-nistp256"; null for what is no such type.
const char* ecdsa_curve_of(std::string_view key_type);

// `point`: uncompressed. `signature`: two mpints, r and s (RFC 5656).
bool ecdsa_verify(std::string_view curve, std::string_view point, std::string_view message,
                  std::string_view signature);

// `exponent` and `modulus`: mpints' bytes. `algorithm`: rsa-sha2-256 or rsa-sha2-512 (RFC 8332).
bool rsa_verify(std::string_view exponent, std::string_view modulus, std::string_view algorithm,
                std::string_view message, std::string_view signature);

}  // namespace prodaccess
