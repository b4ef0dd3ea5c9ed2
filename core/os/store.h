// The secret stores of the operating system, behind two interfaces.
//
// EphemeralStore keeps credentials of grants and lets them end by themselves; DurableStore keeps
// what must survive a reboot (authority key, ledger key, imported keys, SSO tokens). Neither ever
// falls back to clear text; which one works is found by writing, never by looking
// (core/os/store_probe.h).
//
// Errors: Error{Keyring} within 10 s, saying what to do. Absent items are std::nullopt.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"

namespace prodaccess {

class EphemeralStore {
 public:
  virtual ~EphemeralStore() = default;
  virtual std::string name() const = 0;  // "kernel", "secret-service", "memory"
  // Replaces what was there. The store itself erases it at `until` where it can.
  virtual void put(const std::string& key, std::string_view secret, WallTime until) = 0;
  virtual std::optional<Secret> get(const std::string& key) = 0;
  // Gone after this, whether it was there or not.
  virtual void erase(const std::string& key) = 0;
};

class DurableStore {
 public:
  virtual ~DurableStore() = default;
  virtual std::string name() const = 0;  // "secret-service", "file"
  virtual void put(const std::string& key, std::string_view secret) = 0;
  virtual std::optional<Secret> get(const std::string& key) = 0;
  virtual void erase(const std::string& key) = 0;
  virtual std::vector<std::string> keys() = 0;
};

// Opens it when it is first needed: it may ask for a passphrase.
using OpenStore = std::function<DurableStore&()>;

}  // namespace prodaccess
