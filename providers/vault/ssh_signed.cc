#include "providers/vault/ssh_signed.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "providers/local/ssh_certificate.h"

namespace prodaccess {
namespace {

constexpr std::uint32_t kUserCertificate = 1;
constexpr std::uint64_t kYear2200 = 7'258'118'400;

}  // namespace

SshSigned read_ssh_certificate(std::string_view line) {
  const std::string blob = certificate_blob(line);
  SshReader reader(blob);
  SshSigned read;
  reader.string();  // the type, which certificate_blob looked at
  reader.string();  // the nonce
  read.public_key = reader.string();
  read.serial = reader.u64();
  read.user = reader.u32() == kUserCertificate;
  read.key_id = reader.string();
  SshReader principals(reader.string());
  while (principals.good() && !principals.at_end()) {
    read.principals.emplace_back(principals.string());
  }
  reader.u64();  // valid after
  read.valid_before =
      WallTime{Seconds{static_cast<Seconds::rep>(std::min(reader.u64(), kYear2200))}};
  reader.string();  // critical options
  reader.string();  // extensions
  reader.string();  // reserved
  reader.string();  // the authority's key
  reader.string();  // its signature
  if (!reader.finished() || !principals.good() || read.public_key.size() != 32) {
    throw Error(ErrorCode::Provider, "not a whole OpenSSH certificate");
  }
  return read;
}

}  // namespace prodaccess
