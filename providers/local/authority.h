// Authority: the embedded issuer of SSH certificates and tokens. Its Ed25519 key is made at first
// use and kept in the durable store; nothing but this machine vouches for it, so every output says
// `self-issued: limits are advisory`.
//
// Errors: Error{Keyring} where no durable store works, or its item is not our key.
// Processes: the first use is under a lock, so that two never make two keys.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/base/ed25519.h"
#include "core/os/files.h"
#include "core/os/random.h"
#include "core/os/store.h"

namespace prodaccess {

inline constexpr const char* kSelfIssuedNote = "self-issued: limits are advisory";

class Authority {
 public:
  // `files` and `random` must outlive it; `folder` is where its lock lies.
  Authority(OpenStore open_store, Files& files, Random& random, std::filesystem::path folder);

  // Made and kept at the first call on this machine.
  const Ed25519Key& key();
  // The key, if there is one already.
  const Ed25519Key* existing_key();

  std::string ssh_key_blob() { return ssh_key_blob_of(key()); }
  // The line for sshd's TrustedUserCAKeys.
  std::string ssh_authority_line();

 private:
  static std::string ssh_key_blob_of(const Ed25519Key& key);
  std::optional<Ed25519Key> load();
  Ed25519Key load_or_make();

  OpenStore open_store_;
  Files& files_;
  Random& random_;
  std::filesystem::path folder_;
  std::optional<Ed25519Key> key_;
};

}  // namespace prodaccess
