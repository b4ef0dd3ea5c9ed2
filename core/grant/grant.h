// Grant: the yes, held on this machine. Only `request` and the one-shot `exec --once` make one. Its
// public data lies in a small state file, so that a refusal touches no keyring.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/grant/credential.h"
#include "core/grant/validity.h"

namespace prodaccess {

// What somebody asked for.
struct AccessRequest {
  std::string role;
  Seconds ttl{0};
  std::string reason;
  std::string ticket;
  std::vector<std::string> approved_by = {};
  bool break_glass = false;  // an emergency: had without the approval it needs
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
  // The provider's, one for each credential issued under this grant: for revocation, also after a
  // crash. Once revoked: those that the provider did not take back yet.
  std::vector<std::string> handles;
  std::uint32_t uid = 0;
  bool revoked = false;
  bool unfinished = false;  // revoked, but not all of it could be ended: to be tried again

  Span span() const { return {from, until, from_boot, boot_id}; }
  // Not revoked, and live by both clocks.
  bool live(const Moment& now) const;
  // Zero unless live.
  Seconds left(const Moment& now) const;
  // Why it is not live, to follow "the grant ": "was revoked", "has expired", ...
  std::string_view state_words(const Moment& now) const;
};

// The state file's text (format 1), and back. `parse_grant` throws Error{System} naming `file`,
// also for a format of a newer version.
std::string serialise_grant(const Grant& grant);
Grant parse_grant(std::string_view text, const std::string& file);

}  // namespace prodaccess
