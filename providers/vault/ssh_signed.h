// What an OpenSSH user certificate for an Ed25519 key says, as far as the one who asked for it must
// know (OpenSSH, PROTOCOL.certkeys). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace prodaccess {

struct SshSigned {
  std::string public_key;  // 32 bytes
  std::uint64_t serial = 0;
  bool user = false;  // not a host's
  std::string key_id;
  std::vector<std::string> principals;  // none: valid for every one
  WallTime valid_before{};              // cut to the year 2200 where it has no end
};

// `line`: "TYPE BASE64 [COMMENT]". Throws Error{Provider} for anything else.
SshSigned read_ssh_certificate(std::string_view line);

}  // namespace prodaccess
