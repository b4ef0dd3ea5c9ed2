// RSA signatures for tokens (RS256: RSASSA-PKCS1-v1_5 with SHA-256, RFC 7518, 3.3) by libcrypto's
// EVP calls.
//
// Errors: Error{Config} for what is no such key, never quoting it; Error{Internal} where libcrypto
// fails. Threads: one key, one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/secret.h"

namespace prodaccess {

class RsaKey {
 public:
  // PEM, PKCS#8 or PKCS#1, without a passphrase; 2048 to 16384 bits. `what` names it in messages.
  static RsaKey from_pem(const Secret& pem, const std::string& what);

  std::string sign_sha256(std::string_view message) const;

 private:
  struct Handle;
  explicit RsaKey(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<Handle> handle_;
};

}  // namespace prodaccess
