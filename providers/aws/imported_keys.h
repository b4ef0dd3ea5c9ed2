// Long-term keys that were moved into the durable store, by the name of their profile.
//
// Errors: Error{Keyring}. Threads: one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/os/store.h"
#include "providers/aws/aws_credential.h"

namespace prodaccess {

class ImportedKeys {
 public:
  // `store` must outlive it.
  explicit ImportedKeys(DurableStore& store) : store_(store) {}

  std::optional<AwsCredential> find(const std::string& profile);
  // Written, and read back: on return the store has it.
  void put(const std::string& profile, const AwsCredential& key);
  void erase(const std::string& profile);
  std::vector<std::string> profiles();

 private:
  DurableStore& store_;
};

}  // namespace prodaccess
