// Revocations: what the embedded authority has taken back, in a small file of this machine, and the
// forms in which servers learn it.
//
// The list is numbered and never goes backwards. An entry stays a day longer than what it revokes
// could have lived, then it goes at the next change. It holds no secret.
//
// Errors: Error{System} where the file cannot be read, written or understood.
// Processes: a change is under a lock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "core/os/files.h"

namespace prodaccess {

// The handle of what was issued: "ssh:SERIAL:END" or "token:JTI:END", END in epoch seconds.
struct LocalHandle {
  bool ssh = false;
  std::string id;  // the serial in decimal, or the token's `jti`
  WallTime until{};

  std::string text() const;
  static std::optional<LocalHandle> parse(std::string_view text);
};

struct RevokedHandle {
  LocalHandle what;
  WallTime at{};
};

struct RevocationList {
  std::uint64_t number = 0;  // 0: nothing was ever revoked
  std::vector<RevokedHandle> entries;
};

class Revocations {
 public:
  // `files` and `clock` must outlive it.
  Revocations(Files& files, const Clock& clock, std::filesystem::path folder);

  // Those that may still matter.
  RevocationList list() const;
  // Adds it and returns the new list; what stands there already changes nothing.
  RevocationList add(const LocalHandle& what);

 private:
  RevocationList read() const;
  void drop_old(RevocationList& list) const;
  std::filesystem::path file() const { return folder_ / "revoked.json"; }

  Files& files_;
  const Clock& clock_;
  std::filesystem::path folder_;
};

// A key revocation list for sshd's RevokedKeys (OpenSSH, PROTOCOL.krl): the serials of this
// authority's certificates. https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.krl
std::string ssh_revocation_list(const RevocationList& list, std::string_view authority_key_blob,
                                WallTime made_at);

// {"iss","iat","number","denied":[{"jti","exp"}]}: for services that check tokens. A service keeps
// the highest number it has seen and refuses a lower one.
Json denied_tokens(const RevocationList& list, const std::string& issuer, WallTime made_at);

}  // namespace prodaccess
