// SSH public keys and certificates as signers of approvals: their wire form, and the check of a
// signature (RFC 4253, 5656, 8332, 8709; OpenSSH PROTOCOL.u2f and PROTOCOL.certkeys).
//
// Ed25519, RSA of 2048 bits and more (rsa-sha2-256 and -512 only), ECDSA on the three NIST curves,
// and the two sk- types. Malformed input is absent or false, never an exception. Threads: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace prodaccess {

// What a certificate says; its CA's signature over it has been checked.
struct SshCertificate {
  std::string authority;  // the CA's key blob
  std::string key_id;
  std::vector<std::string> principals;
  std::uint64_t valid_after = 0;   // seconds since 1970
  std::uint64_t valid_before = 0;  // the first second after
  bool has_critical_options = false;
};

class SshPublicKey {
 public:
  // A key's or user certificate's blob.
  static std::optional<SshPublicKey> parse(std::string_view blob);

  const std::string& type() const { return type_; }  // of the plain key
  const std::string& blob() const { return blob_; }  // of the plain key
  const std::optional<SshCertificate>& certificate() const { return certificate_; }
  // A key on a security key.
  bool is_security_key() const { return type_.rfind("sk-", 0) == 0; }

  // Whether `signature` (an SSH signature blob) is this key's over `message`. A security key must
  // have been touched.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  std::string type_;
  std::string blob_;
  std::optional<SshCertificate> certificate_;
};

}  // namespace prodaccess
