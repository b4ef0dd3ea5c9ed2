// OpenSSH user certificates: "ssh-ed25519-cert-v01@openssh.com" (OpenSSH, PROTOCOL.certkeys).
// https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.certkeys
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ed25519.h"
#include "core/base/time.h"

namespace prodaccess {

inline constexpr std::string_view kSshEd25519Certificate = "ssh-ed25519-cert-v01@openssh.com";

struct CertificateToSign {
  std::string public_key;  // 32 bytes: whom it certifies
  std::uint64_t serial = 0;
  std::string key_id;  // sshd writes it to its log at each login
  std::vector<std::string> principals;
  WallTime valid_after{};  // whole seconds count
  WallTime valid_before{};
  std::map<std::string, std::string> critical_options;  // name, value
  std::map<std::string, std::string> extensions;        // "" for those that are flags
};

// The signed blob. `nonce`: 32 random bytes.
std::string sign_certificate(const CertificateToSign& certificate, std::string_view nonce,
                             const Ed25519Key& authority);

// The blob as a line for a file: "TYPE BASE64 COMMENT".
std::string certificate_line(std::string_view blob, std::string_view comment);

// The blob in such a line; throws Error{Provider} where it is none.
std::string certificate_blob(std::string_view line);

}  // namespace prodaccess
