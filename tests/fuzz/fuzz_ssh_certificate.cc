// A certificate that is believed was signed over exactly what it says: one that we sign over any
// words comes back with those words, and not at all once a byte of it is another. Any other bytes
// are no key, or a key whose plain form reads as itself.
#include <cstdlib>

#include "core/base/ed25519.h"
#include "core/policy/ssh_key.h"
#include "providers/local/ssh_certificate.h"

using namespace prodaccess;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

const Ed25519Key& authority() {
  static const Ed25519Key key(Secret(std::string(32, 'k')));
  return key;
}

void check_any_bytes(const std::string& blob) {
  const auto key = SshPublicKey::parse(blob);
  if (!key) return;
  const auto plain = SshPublicKey::parse(key->blob());
  require(plain && !plain->certificate() && plain->blob() == key->blob());
  require(plain->type() == key->type());
}

void check_signed(const std::string& text) {
  CertificateToSign wanted;
  wanted.public_key = authority().public_key();
  wanted.key_id = text.substr(0, 100);
  wanted.principals = {text.substr(0, text.size() / 2), "debug"};
  wanted.valid_after = WallTime{Seconds{1'700'000'000}};
  wanted.valid_before = wanted.valid_after + Seconds{600};
  if (text.size() % 2 == 1) wanted.critical_options["force-command"] = text;
  std::string blob = sign_certificate(wanted, std::string(32, 'n'), authority());
  const auto key = SshPublicKey::parse(blob);
  require(key && key->certificate());
  require(key->certificate()->key_id == wanted.key_id);
  require(key->certificate()->principals == wanted.principals);
  require(key->certificate()->valid_before == 1'700'000'600);
  require(key->certificate()->has_critical_options == !wanted.critical_options.empty());
  const std::size_t at = text.empty() ? 0 : static_cast<unsigned char>(text[0]) % blob.size();
  blob[at] = static_cast<char>(blob[at] ^ 1);
  const auto changed = SshPublicKey::parse(blob);
  require(!changed || !changed->certificate());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  check_any_bytes(text);
  check_signed(text);
  return 0;
}
