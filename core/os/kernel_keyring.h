// KernelKeyring: the EphemeralStore "kernel", keys of type `user` in this uid's user keyring
// (keyrings(7), user-keyring(7)). The kernel itself erases a key at its end; a reboot erases all.
//
// A key is made in our own process keyring, given its timeout there, and only then linked into the
// user keyring, where the link displaces the key of the same description: no key is ever without a
// timeout (an update would clear it), the old one is there until the new one is, and a crash leaves
// nothing. Possession comes from linking the user keyring into our process keyring for this process
// alone; permissions are never widened.
//
// Errors: Error{Keyring}: what the kernel said, and which store or command to use instead.
// Threads: one; the process keyring is the process's.
#pragma once

#include <cstdint>

#include "core/os/clock.h"
#include "core/os/store.h"

namespace prodaccess {

class KernelKeyring final : public EphemeralStore {
 public:
  explicit KernelKeyring(const Clock& clock);  // must outlive it

  std::string name() const override { return "kernel"; }
  // `until` in whole seconds, rounded up; one that is past only erases.
  void put(const std::string& key, std::string_view secret, WallTime until) override;
  std::optional<Secret> get(const std::string& key) override;
  void erase(const std::string& key) override;

 private:
  void attach();
  std::optional<std::int32_t> find(const std::string& key);

  const Clock& clock_;
  bool attached_ = false;
};

}  // namespace prodaccess
