// EncryptedFile: the DurableStore "file", one file that holds every secret sealed as a whole
// (core/base/sealing.h) and is replaced as a whole. Never clear text, not even while it is written.
//
// The file is netstrings: "prodaccess-store 1", the kind of key, scrypt's cost ("16 8 1"), a salt
// of 32 bytes, a nonce of 12, and the sealed items (netstrings: key, secret, key, secret ...), to
// which all before them is bound. A newer format is refused in one line.
//
// Changes take a lock beside the file ("FILE.lock"), never while a person is asked. Errors:
// Error{Keyring} also for a wrong key or changed bytes; Error{Unsafe} for owner and mode.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/os/random.h"
#include "core/os/store.h"
#include "core/os/store_key.h"

namespace prodaccess {

using SecretItems = std::map<std::string, Secret>;

// The file's parts, apart from how they get to the disk.
struct SealedFile {
  std::string kind;
  ScryptCost cost;
  std::string salt;
  std::string nonce;
  std::string sealed;

  // Throws Error{Keyring} naming `path`.
  static SealedFile parse(std::string_view bytes, const std::string& path);
  std::string serialise() const;
  void close(const Secret& key, const SecretItems& items);   // fills `sealed`
  std::optional<SecretItems> open(const Secret& key) const;  // absent: another key, or changed
};

class EncryptedFile final : public DurableStore {
 public:
  // All must outlive it. The folder of `path` is made when the first secret is put.
  EncryptedFile(Files& files, Random& random, std::filesystem::path path,
                std::unique_ptr<StoreKey> key);

  std::string name() const override { return "file"; }
  void put(const std::string& key, std::string_view secret) override;
  std::optional<Secret> get(const std::string& key) override;
  void erase(const std::string& key) override;
  std::vector<std::string> keys() override;

 private:
  std::optional<SealedFile> read_file();
  SecretItems items();
  const Secret& key_for(const SealedFile& file, StoreFile is_new);
  SecretItems open(const SealedFile& file);
  // Under the lock; false where the file is another one than the key was made for.
  bool try_change(SealedFile& known, const std::function<void(SecretItems&)>& change);
  void change(const std::function<void(SecretItems&)>& change);

  Files& files_;
  Random& random_;
  std::filesystem::path path_;
  std::unique_ptr<StoreKey> key_;
  Secret derived_;  // for the file with this salt
  std::string derived_salt_;
};

}  // namespace prodaccess
