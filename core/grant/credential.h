// Credential: secret material of a Grant, in a tier, and what a provider tells about it.
//
// In a keyring it is one Secret of netstrings: the format, then pairs of name and value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/grant/validity.h"

namespace prodaccess {

enum class Tier : std::uint8_t { Read, Wide };
std::string_view tier_name(Tier tier);

struct Credential {
  Tier tier = Tier::Wide;
  WallTime issued_at{};
  WallTime expires_at{};
  BootTime issued_boot{};
  std::string boot_id;
  // What can be handed out, by name: "access_key_id", "token", "private_key", "username", ... A
  // provider's header documents its names; `environment` templates of a role refer to them.
  std::map<std::string, Secret, std::less<>> fields;
  // What the provider needs to end it, with no secret in it: lease id, accessor, serial, session
  // name.
  std::string handle;

  // "" : no such field.
  std::string_view field(std::string_view name) const;

  // Live by both clocks, a margin before its end: a tenth of its life, at most 5 s.
  bool usable(const Moment& now) const;

  Secret serialise() const;
  // Throws Error{Keyring} for anything else.
  static Credential parse(std::string_view bytes);
};

}  // namespace prodaccess
