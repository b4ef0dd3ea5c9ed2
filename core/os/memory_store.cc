#include "core/os/memory_store.h"

namespace prodaccess {

void MemoryStore::put(const std::string& key, std::string_view secret, WallTime until) {
  items_.insert_or_assign(key, Item{Secret(secret), until});
}

std::optional<Secret> MemoryStore::get(const std::string& key) {
  const auto found = items_.find(key);
  if (found == items_.end()) return std::nullopt;
  if (clock_.wall_now() >= found->second.until) {
    items_.erase(found);
    return std::nullopt;
  }
  return found->second.secret.duplicate();
}

}  // namespace prodaccess
