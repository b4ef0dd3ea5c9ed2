// The Secret Service of the desktop (GNOME Keyring, KWallet, KeePassXC) as both kinds of store,
// named "secret-service": the `session` collection, which is memory alone, for what ends, and the
// default collection for what lasts.
//
// Each call runs isolated (core/os/isolated_call.h) and is given up after 8 s. A service that did
// not answer once is not asked again by this process.
//
// Errors: Error{Keyring}: absent, locked or hanging, and what to do. Threads: one.
#pragma once

#include "core/os/clock.h"
#include "core/os/store.h"

namespace prodaccess {

enum class ServiceUse { Ephemeral, Durable };

class SecretService {
 public:
  // Asks for `operation` on the collection of `use`: "put", "get", "erase" or "keys".
  Secret call(ServiceUse use, std::string_view operation, std::string_view key,
              std::string_view secret);
  // The last call found none at all: no bus, no library, no such service or collection.
  bool absent() const { return absent_; }

 private:
  bool hangs_ = false;
  bool absent_ = false;
};

// Each value holds its own end, since the service has none; what has ended is erased by the next
// `put`.
class ServiceEphemeralStore final : public EphemeralStore {
 public:
  ServiceEphemeralStore(SecretService& service, const Clock& clock);  // must outlive it

  std::string name() const override { return "secret-service"; }
  void put(const std::string& key, std::string_view secret, WallTime until) override;
  std::optional<Secret> get(const std::string& key) override;
  void erase(const std::string& key) override;

 private:
  SecretService& service_;
  const Clock& clock_;
};

class ServiceDurableStore final : public DurableStore {
 public:
  explicit ServiceDurableStore(SecretService& service) : service_(service) {}

  std::string name() const override { return "secret-service"; }
  void put(const std::string& key, std::string_view secret) override;
  std::optional<Secret> get(const std::string& key) override;
  void erase(const std::string& key) override;
  std::vector<std::string> keys() override;

 private:
  SecretService& service_;
};

}  // namespace prodaccess
