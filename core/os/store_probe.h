// Stores: which secret stores there are, and which of them really work.
//
// A store works when a random item can be written, read back and erased; nothing else proves it
// (a look-up in a keyring that does not exist says "not found"). "auto" takes the first that works:
// kernel, then Secret Service for credentials; Secret Service, then the encrypted file where
// `passphrase_from` asks for it, for what lasts. A Secret Service that is there but locked or
// hanging is an error, not a reason to begin another durable store.
//
// Errors: Error{Keyring}: what was tried, why each failed, what to do. Never clear text.
// Threads: one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/os/clock.h"
#include "core/os/files.h"
#include "core/os/random.h"
#include "core/os/secret_service.h"
#include "core/os/store.h"
#include "core/os/store_key.h"

namespace prodaccess {

struct StoreOptions {
  std::string ephemeral = "auto";  // auto | kernel | secret-service | memory
  std::string durable = "auto";    // auto | secret-service | file
  std::string passphrase_from;     // core/os/store_key.h
  std::filesystem::path file;      // the encrypted file
  AskSecret ask;
  std::string agent_socket;  // SSH_AUTH_SOCK
};

// For `doctor`.
struct StoreFinding {
  bool durable = false;
  std::string name;
  bool works = false;
  bool chosen = false;  // what the configuration comes down to
  std::string detail;   // why it does not work
  std::vector<std::string> hints;
};

class Stores {
 public:
  // All must outlive it.
  Stores(Files& files, const Clock& clock, Random& random, StoreOptions options);

  // As configured; "auto" is found out once.
  EphemeralStore& ephemeral();
  DurableStore& durable();
  // The store that a grant names: where its credential lies already. Not probed.
  EphemeralStore& ephemeral_named(const std::string& name);
  // Tries every store by writing, the encrypted file only where it is asked for.
  std::vector<StoreFinding> examine();

 private:
  DurableStore& durable_named(const std::string& name);
  std::vector<std::string> durable_candidates() const;
  StoreFinding probe_ephemeral(const std::string& name);
  StoreFinding probe_durable(const std::string& name);

  Files& files_;
  const Clock& clock_;
  Random& random_;
  StoreOptions options_;
  SecretService service_;
  std::map<std::string, std::unique_ptr<EphemeralStore>> ephemeral_;
  std::map<std::string, std::unique_ptr<DurableStore>> durable_;
  std::string chosen_ephemeral_;
  std::string chosen_durable_;
};

}  // namespace prodaccess
