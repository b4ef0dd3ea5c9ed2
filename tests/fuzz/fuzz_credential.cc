// A credential from a keyring, and a grant from its state file: whatever parses, serialised and
// parsed again, gives the same bytes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/grant/grant.h"

using namespace prodaccess;

namespace {

void check_credential(std::string_view bytes) {
  try {
    const Secret again = Credential::parse(bytes).serialise();
    if (Credential::parse(again.view()).serialise().view() != again.view()) std::abort();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Keyring) std::abort();
  }
}

void check_grant(std::string_view bytes) {
  try {
    const Grant grant = parse_grant(bytes, "f");
    const std::string again = serialise_grant(grant);
    if (serialise_grant(parse_grant(again, "f")) != again) std::abort();
    const Moment now{grant.from, grant.from_boot, grant.boot_id};
    if (grant.live(now) != (!grant.revoked && grant.from < grant.until)) std::abort();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::System) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_credential(bytes);
  check_grant(bytes);
  return 0;
}
