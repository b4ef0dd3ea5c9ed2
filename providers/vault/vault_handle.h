// VaultHandle: what is recorded of an issued credential, so that it can be ended without it: words
// "accessor:X", "lease:ID", "serial:MOUNT:NUMBER", "until:TIME", "stored". Pure; no secret in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace prodaccess {

struct VaultHandle {
  std::vector<std::string> accessors;  // of tokens made for it, the first is the others' parent
  std::string lease;
  std::string serial_mount;             // pki: the mount whose certificate ...
  std::string serial;                   // ... has this serial number
  std::optional<WallTime> lives_until;  // the far end does not take it back before
  bool stored = false;                  // a secret that was there before and stays

  std::string text() const;
  // Throws Error{Provider} for anything that `text` does not give.
  static VaultHandle parse(std::string_view text);
};

}  // namespace prodaccess
