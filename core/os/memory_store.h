// MemoryStore: the EphemeralStore "memory", which ends with this process: for `exec --once` where
// nothing may be kept, or no keyring works.
#pragma once

#include <map>
#include <string>

#include "core/os/clock.h"
#include "core/os/store.h"

namespace prodaccess {

class MemoryStore final : public EphemeralStore {
 public:
  explicit MemoryStore(const Clock& clock) : clock_(clock) {}  // must outlive it

  std::string name() const override { return "memory"; }
  void put(const std::string& key, std::string_view secret, WallTime until) override;
  std::optional<Secret> get(const std::string& key) override;
  void erase(const std::string& key) override { items_.erase(key); }

 private:
  struct Item {
    Secret secret;
    WallTime until;
  };
  const Clock& clock_;
  std::map<std::string, Item> items_;
};

}  // namespace prodaccess
