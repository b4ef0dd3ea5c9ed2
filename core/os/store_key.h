// StoreKey: what opens the encrypted file store: a passphrase, a key file, or a key in ssh-agent.
//
// A passphrase goes through scrypt, whose cost is part of the file; the others are random already.
// An ssh key's share is its signature over a text of ours and the file's salt, so only kinds whose
// signatures are the same each time will do: ed25519 and RSA.
//
// Errors: Error{Keyring} with what to do; Error{Unsafe} for a key file that others may read.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/sealing.h"
#include "core/os/files.h"

namespace prodaccess {

// Asks a person for a secret on the terminal; throws Error{Denied} where nobody can be asked.
using AskSecret = std::function<Secret(const std::string& question)>;

enum class StoreFile { New, Existing };

class StoreKey {
 public:
  virtual ~StoreKey() = default;
  // Stands in the file: "passphrase", "key-file" or "ssh-agent".
  virtual std::string kind() const = 0;
  // The key for a file with this salt; `cost` is for passphrases alone. For a new file a
  // passphrase is asked for twice, and an ssh key proved to sign the same way twice.
  virtual Secret derive(std::string_view salt, ScryptCost cost, StoreFile file) = 0;
  // What to look at when it does not open the file.
  virtual std::string wrong_key_words() const = 0;
};

// From the configuration's `passphrase_from`: "prompt", "key-file:PATH" or
// "ssh-agent:FINGERPRINT". Throws Error{Keyring} for anything else.
std::unique_ptr<StoreKey> make_store_key(const std::string& passphrase_from, Files& files,
                                         AskSecret ask, const std::string& agent_socket);

}  // namespace prodaccess
