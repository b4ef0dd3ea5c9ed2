#include "core/policy/sshsig.h"

#include <doctest/doctest.h>

#include "core/base/ed25519.h"
#include "core/base/sha256.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"
#include "tests/unit/sshsig_vectors.h"

using namespace prodaccess;

namespace {

// A security key in software: what PROTOCOL.u2f says that the hardware signs.
std::string security_key_signature(const Ed25519Key& key, std::string_view message,
                                   std::uint8_t flags) {
  const std::string type = "sk-ssh-ed25519@openssh.com";
  const std::string blob = SshWriter().string(type).string(key.public_key()).string("ssh:").bytes();
  const std::string signed_data = sshsig_signed_data(message, kApprovalNamespace);
  const std::string data = SshWriter()
                               .raw(bytes_of(sha256("ssh:")))
                               .u8(flags)
                               .u32(7)
                               .raw(bytes_of(sha256(signed_data)))
                               .bytes();
  const std::string signature =
      SshWriter().string(type).string(key.sign(data)).u8(flags).u32(7).bytes();
  return sshsig_armor(blob, signature, kApprovalNamespace);
}

bool holds(const std::string& armored, std::string_view message = kVectorMessage) {
  const auto signature = parse_sshsig(armored);
  return signature && signature->verify(message, kApprovalNamespace);
}

}  // namespace

TEST_CASE("signatures by ssh-keygen hold, for their message alone") {
  for (const std::string& armored : {kEd25519Signature, kRsaSignature, kP256Signature,
                                     kP384Signature, kP521Signature, kCertificateSignature}) {
    CAPTURE(armored);
    CHECK(holds(armored));
    CHECK_FALSE(holds(armored, kVectorMessage + " "));
    CHECK_FALSE(holds(armored, ""));
  }
}

TEST_CASE("too short a key, another namespace, another hash do not count") {
  CHECK_FALSE(holds(kRsa1024Signature));
  CHECK_FALSE(holds(kOtherNamespaceSignature));
  CHECK_FALSE(holds(kSha256Signature));
}

TEST_CASE("no byte of a signature may change") {
  for (const std::string& armored : {kEd25519Signature, kP256Signature}) {
    const std::size_t begin = armored.find('\n') + 1;
    const std::size_t end = armored.rfind("\n-----END");
    std::string base;
    for (std::size_t i = begin; i < end; ++i) {
      if (armored[i] != '\n') base += armored[i];
    }
    const std::string blob = unbase64(base).value();
    for (std::size_t i = 0; i < blob.size(); ++i) {
      std::string other = blob;
      other[i] = static_cast<char>(other[i] ^ 1);
      CAPTURE(i);
      CHECK_FALSE(holds("-----BEGIN SSH SIGNATURE-----\n" + base64(other) +
                        "\n-----END SSH SIGNATURE-----\n"));
    }
    for (std::size_t length = 0; length < blob.size(); ++length) {
      CHECK_FALSE(parse_sshsig("-----BEGIN SSH SIGNATURE-----\n" + base64(blob.substr(0, length)) +
                               "\n-----END SSH SIGNATURE-----\n"));
    }
  }
}

TEST_CASE("a certificate is its CA's: parsed, and checked") {
  const auto signature = parse_sshsig(kCertificateSignature);
  REQUIRE(signature);
  REQUIRE(signature->key.certificate());
  const SshCertificate& certificate = *signature->key.certificate();
  CHECK(certificate.key_id == "ana-id");
  CHECK(certificate.principals == std::vector<std::string>{"ana@example.com", "ana"});
  CHECK(certificate.valid_after == 1767225600);
  CHECK(certificate.valid_before == 1798761600);
  CHECK_FALSE(certificate.has_critical_options);
  CHECK(signature->key.type() == "ssh-ed25519");
  CHECK(kCaKey.find(base64(certificate.authority)) != std::string::npos);
}

TEST_CASE("a security key must have been touched") {
  const Ed25519Key key(Secret(std::string(32, 'k')));
  CHECK(holds(security_key_signature(key, kVectorMessage, 0x01)));
  CHECK(holds(security_key_signature(key, kVectorMessage, 0x05)));
  CHECK_FALSE(holds(security_key_signature(key, kVectorMessage, 0x00)));
  CHECK_FALSE(holds(security_key_signature(key, kVectorMessage, 0x04)));
  CHECK_FALSE(holds(security_key_signature(key, "other", 0x01)));
  CHECK(parse_sshsig(security_key_signature(key, "x", 1))->key.is_security_key());
}

TEST_CASE("our armour is what we read") {
  const Ed25519Key key(Secret(std::string(32, 's')));
  const std::string data = sshsig_signed_data("message", kApprovalNamespace);
  const std::string signature = SshWriter().string(kSshEd25519).string(key.sign(data)).bytes();
  const std::string armored =
      sshsig_armor(ssh_ed25519_blob(key.public_key()), signature, kApprovalNamespace);
  CHECK(holds(armored, "message"));
  CHECK(find_armored("statement\n" + armored + "noise\n" + armored).size() == 2);
  CHECK(find_armored(armored.substr(0, 60)).empty());
}
