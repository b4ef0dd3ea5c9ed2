#include "core/policy/ssh_key.h"

#include <array>

#include "core/base/ed25519.h"
#include "core/base/sha256.h"
#include "core/base/ssh_wire.h"
#include "core/policy/ssh_crypto.h"

namespace prodaccess {
namespace {

constexpr std::string_view kCertificateSuffix = "-cert-v01@openssh.com";
constexpr std::uint32_t kUserCertificate = 1;
constexpr std::uint8_t kTouched = 0x01;
constexpr std::size_t kMostPrincipals = 256;

// How many strings make up a key of this type, after its name; 0: unknown type.
std::size_t part_count(std::string_view type) {
  if (type == kSshEd25519) return 1;
  if (type == "ssh-rsa" || type == "sk-ssh-ed25519@openssh.com") return 2;
  if (type == "sk-ecdsa-sha2-nistp256@openssh.com") return 3;
  return ecdsa_curve_of(type) != nullptr ? 2 : 0;
}

// "ssh-ed25519-cert-v01@openssh.com" is of "ssh-ed25519", "sk-ssh-ed25519-cert-v01@openssh.com" of
// "sk-ssh-ed25519@openssh.com".
std::string plain_type(std::string_view certificate_type) {
  std::string type(certificate_type.substr(0, certificate_type.size() - kCertificateSuffix.size()));
  if (type.rfind("sk-", 0) == 0) type += "@openssh.com";
  return type;
}

// Copies the parts of a key of `type` from the reader into a plain key's blob.
std::optional<std::string> take_key(SshReader& reader, std::string_view type) {
  const std::size_t parts = part_count(type);
  if (parts == 0) return std::nullopt;
  SshWriter blob;
  blob.string(type);
  for (std::size_t i = 0; i < parts; ++i) blob.string(reader.string());
  if (!reader.good()) return std::nullopt;
  return blob.bytes();
}

std::optional<SshCertificate> take_certificate(SshReader& reader, std::string_view whole) {
  SshCertificate certificate;
  reader.u64();  // serial
  const std::uint32_t kind = reader.u32();
  certificate.key_id = reader.string();
  SshReader principals(reader.string());
  certificate.valid_after = reader.u64();
  certificate.valid_before = reader.u64();
  certificate.has_critical_options = !reader.string().empty();
  reader.string();  // extensions: rights at an sshd, which approvals do not use
  reader.string();  // reserved
  certificate.authority = reader.string();
  const std::string_view signature = reader.string();
  if (!reader.finished() || kind != kUserCertificate) return std::nullopt;
  while (principals.good() && !principals.at_end()) {
    certificate.principals.emplace_back(principals.string());
    if (certificate.principals.size() > kMostPrincipals) return std::nullopt;
  }
  // Signed is all before the signature's own length.
  const std::string_view body = whole.substr(0, whole.size() - signature.size() - 4);
  const auto authority = SshPublicKey::parse(certificate.authority);
  if (!principals.good() || !authority || authority->certificate() ||
      !authority->verify(body, signature)) {
    return std::nullopt;
  }
  return certificate;
}

bool verify_plain(std::string_view key_blob, std::string_view algorithm, std::string_view message,
                  std::string_view signature) {
  SshReader key(key_blob);
  const std::string_view type = key.string();
  if (type == kSshEd25519) {
    return algorithm == type && ed25519_verify(key.string(), message, signature);
  }
  if (type == "ssh-rsa") {
    const std::string_view exponent = key.string();
    return rsa_verify(exponent, key.string(), algorithm, message, signature);
  }
  const char* curve = ecdsa_curve_of(type);
  return curve != nullptr && algorithm == type && key.string() == curve &&
         ecdsa_verify(curve, key.string(), message, signature);
}

// PROTOCOL.u2f: what a security key signs is hashes, flags and a counter.
bool verify_security_key(std::string_view key_blob, std::string_view message,
                         std::string_view signature, std::uint8_t flags, std::uint32_t counter) {
  SshReader key(key_blob);
  const std::string_view type = key.string();
  const bool is_ecdsa = type == "sk-ecdsa-sha2-nistp256@openssh.com";
  if (is_ecdsa && key.string() != "nistp256") return false;
  const std::string_view point = key.string();
  const std::string_view application = key.string();
  if (!key.finished() || (flags & kTouched) == 0) return false;
  SshWriter data;
  data.raw(bytes_of(sha256(application))).u8(flags).u32(counter).raw(bytes_of(sha256(message)));
  return is_ecdsa ? ecdsa_verify("nistp256", point, data.bytes(), signature)
                  : ed25519_verify(point, data.bytes(), signature);
}

}  // namespace

std::optional<SshPublicKey> SshPublicKey::parse(std::string_view blob) {
  SshReader reader(blob);
  SshPublicKey key;
  const std::string_view type = reader.string();
  const bool is_certificate =
      type.size() > kCertificateSuffix.size() &&
      type.substr(type.size() - kCertificateSuffix.size()) == kCertificateSuffix;
  key.type_ = is_certificate ? plain_type(type) : std::string(type);
  if (is_certificate) reader.string();  // nonce
  auto plain = take_key(reader, key.type_);
  if (!plain) return std::nullopt;
  key.blob_ = std::move(*plain);
  if (is_certificate) {
    key.certificate_ = take_certificate(reader, blob);
    if (!key.certificate_) return std::nullopt;
  } else if (!reader.finished()) {
    return std::nullopt;
  }
  return key;
}

bool SshPublicKey::verify(std::string_view message, std::string_view signature) const {
  SshReader reader(signature);
  const std::string_view algorithm = reader.string();
  const std::string_view bytes = reader.string();
  if (!is_security_key()) {
    return reader.finished() && verify_plain(blob_, algorithm, message, bytes);
  }
  const std::uint8_t flags = reader.u8();
  const std::uint32_t counter = reader.u32();
  return reader.finished() && algorithm == type_ &&
         verify_security_key(blob_, message, bytes, flags, counter);
}

}  // namespace prodaccess
