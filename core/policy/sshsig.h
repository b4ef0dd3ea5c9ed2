// SSHSIG: detached signatures by SSH keys (OpenSSH, PROTOCOL.sshsig), so that what we sign can be
// checked by `ssh-keygen -Y verify`, and what it signs by us.
//
// Only SHA-512 is taken as the hash of the message. Malformed input is absent. Threads: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/ssh_key.h"

namespace prodaccess {

// What approvals are signed under: a signature made for anything else never counts.
inline constexpr std::string_view kApprovalNamespace = "prodaccess-approval@v1";

// The bytes that the key signs for `message`.
std::string sshsig_signed_data(std::string_view message, std::string_view name_space);

// The armoured signature from a key's blob and its SSH signature blob over the bytes above.
std::string sshsig_armor(std::string_view key_blob, std::string_view signature_blob,
                         std::string_view name_space);

struct Sshsig {
  SshPublicKey key;
  std::string name_space;
  std::string signature;  // the SSH signature blob

  // Whether it is its key's over `message`, under `wanted`.
  bool verify(std::string_view message, std::string_view wanted) const;
};

std::optional<Sshsig> parse_sshsig(std::string_view armored);

// The armoured blocks of a text, in order.
std::vector<std::string> find_armored(std::string_view text);

}  // namespace prodaccess
