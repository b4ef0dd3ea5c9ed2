// Grant: the yes, held on this machine. Only `request` and the one-shot `exec --once` make one. Its
// public data lies in a small state file, so that a refusal touches no keyring.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/grant/credential.h"

namespace prodaccess {

// What somebody asked for.
struct AccessRequest {
  std::string role;
  Seconds ttl{0};
  std::string reason;
  std::string ticket;
};

// What a provider issued, in words for people: no secrets.
struct IssuedDescription {
  std::string target;              // "111122223333 (production)", "principals debug", ...
  std::string identity;            // who the credential is at the provider
  std::vector<std::string> notes;  // "self-issued: limits are advisory"
};

struct Grant {
  std::string id;  // 16 hex digits; people may use any unique prefix
  std::string role;
  std::string provider;
  WallTime from{};
  WallTime until{};
  BootTime from_boot{};
  std::string boot_id;
  std::string reason;
  std::string ticket;
  IssuedDescription description;
  std::string request_key;  // SHA-256 of all that shapes the credential, hex
  std::string store;        // the ephemeral store that holds the credential
  std::string handle;       // the provider's, for revocation after a crash
  std::uint32_t uid = 0;
  bool revoked = false;

  // Live by both clocks: `now` < until, and the boot-clock age agrees (a clock set back does not
  // help).
  bool live(WallTime now, BootTime boot_now, const std::string& current_boot_id) const;
  Seconds left(WallTime now, BootTime boot_now, const std::string& current_boot_id) const;
};

}  // namespace prodaccess
