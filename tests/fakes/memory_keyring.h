// MemoryKeyring: both kinds of store in memory, which note what was asked and fail on demand.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/os/store.h"

namespace prodaccess {

class MemoryEphemeralStore final : public EphemeralStore {
 public:
  struct Item {
    std::string secret;
    WallTime until;
  };
  std::map<std::string, Item> items;
  bool broken = false;             // every call throws Error{Keyring}
  std::vector<std::string> asked;  // "put KEY", "get KEY", "erase KEY"
  std::string called = "kernel";   // what name() says

  std::string name() const override { return called; }
  void put(const std::string& key, std::string_view secret, WallTime until) override {
    note("put " + key);
    items[key] = {std::string(secret), until};
  }
  std::optional<Secret> get(const std::string& key) override {
    note("get " + key);
    const auto found = items.find(key);
    if (found == items.end()) return std::nullopt;
    return Secret(found->second.secret);
  }
  void erase(const std::string& key) override {
    note("erase " + key);
    items.erase(key);
  }

 private:
  void note(const std::string& what) {
    asked.push_back(what);
    if (broken) throw Error(ErrorCode::Keyring, "the keyring is broken");
  }
};

class MemoryDurableStore final : public DurableStore {
 public:
  std::map<std::string, std::string> items;
  bool broken = false;
  std::vector<std::string> asked;

  std::string name() const override { return "file"; }
  void put(const std::string& key, std::string_view secret) override {
    note("put " + key);
    items[key] = secret;
  }
  std::optional<Secret> get(const std::string& key) override {
    note("get " + key);
    const auto found = items.find(key);
    if (found == items.end()) return std::nullopt;
    return Secret(found->second);
  }
  void erase(const std::string& key) override {
    note("erase " + key);
    items.erase(key);
  }
  std::vector<std::string> keys() override {
    note("keys");
    std::vector<std::string> names;
    for (const auto& [key, ignored] : items) names.push_back(key);
    return names;
  }

 private:
  void note(const std::string& what) {
    asked.push_back(what);
    if (broken) throw Error(ErrorCode::Keyring, "the keyring is broken");
  }
};

}  // namespace prodaccess
