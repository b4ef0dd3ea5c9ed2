#include "providers/local/ssh_certificate.h"

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::uint32_t kUserCertificate = 1;

std::uint64_t epoch_seconds(WallTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

// Options are name and value in the order of their names; a flag's value is empty, any other is a
// string within a string.
std::string packed_options(const std::map<std::string, std::string>& options) {
  SshWriter writer;
  for (const auto& [name, value] : options) {
    writer.string(name).string(value.empty() ? "" : SshWriter().string(value).bytes());
  }
  return writer.take();
}

std::string packed_principals(const std::vector<std::string>& principals) {
  SshWriter writer;
  for (const std::string& principal : principals) writer.string(principal);
  return writer.take();
}

}  // namespace

std::string sign_certificate(const CertificateToSign& certificate, std::string_view nonce,
                             const Ed25519Key& authority) {
  SshWriter writer;
  writer.string(kSshEd25519Certificate)
      .string(nonce)
      .string(certificate.public_key)
      .u64(certificate.serial)
      .u32(kUserCertificate)
      .string(certificate.key_id)
      .string(packed_principals(certificate.principals))
      .u64(epoch_seconds(certificate.valid_after))
      .u64(epoch_seconds(certificate.valid_before))
      .string(packed_options(certificate.critical_options))
      .string(packed_options(certificate.extensions))
      .string("")  // reserved
      .string(ssh_ed25519_blob(authority.public_key()));
  const std::string signature = authority.sign(writer.bytes());
  writer.string(SshWriter().string(kSshEd25519).string(signature).bytes());
  return writer.take();
}

std::string certificate_line(std::string_view blob, std::string_view comment) {
  std::string line(kSshEd25519Certificate);
  line.append(" ").append(base64(blob));
  if (!comment.empty()) line.append(" ").append(comment);
  return line;
}

std::string certificate_blob(std::string_view line) {
  const auto words = split(trim(line), ' ');
  if (words.size() >= 2 && words[0] == kSshEd25519Certificate) {
    const auto blob = unbase64(words[1]);
    if (blob && SshReader(*blob).string() == kSshEd25519Certificate) return *blob;
  }
  throw Error(ErrorCode::Provider, "not a line with an Ed25519 certificate");
}

}  // namespace prodaccess
