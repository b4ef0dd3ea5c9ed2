// ServiceCollection: one collection of the Secret Service (freedesktop "Secret Service API Draft"
// 0.2), by blocking calls of libsecret. It is used in an isolated call, in a child that ends with
// it: nothing of GLib's is freed here.
//
// Attributes may be stored unencrypted: keys hold no secrets. A locked collection is an error at
// once; no prompt is opened, since nobody may be there to answer it.
//
// Errors: Error{NotFound} where there is no bus, library, service or collection; Error{Keyring} for
// all else. Both say what to do.
#pragma once

#include <libsecret/secret.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.h"

namespace prodaccess {

class ServiceCollection {
 public:
  // `alias` is "session" (memory only) or "default"; `kind` tells our items there from others.
  ServiceCollection(std::string alias, std::string kind);

  void put(const std::string& key, std::string_view secret);
  std::optional<Secret> get(const std::string& key);
  void erase(const std::string& key);
  std::vector<std::string> keys();

 private:
  GHashTable* attributes(const std::string* key) const;
  GList* search(const std::string* key, SecretSearchFlags flags) const;

  std::string alias_;
  std::string kind_;
  SecretCollection* collection_ = nullptr;
};

}  // namespace prodaccess
