// The encrypted store's file: whatever parses comes out again byte for byte, and opens only with
// its key and unchanged.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/error.h"
#include "core/os/encrypted_file.h"

using namespace prodaccess;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  SealedFile file;
  try {
    file = SealedFile::parse(bytes, "f");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::Keyring) std::abort();
    return 0;
  }
  if (file.serialise() != bytes) std::abort();
  const Secret key(std::string_view("0123456789abcdef0123456789abcdef"));
  SecretItems items;
  items.emplace("key", Secret(bytes));
  file.close(key, items);
  const auto opened = SealedFile::parse(file.serialise(), "f").open(key);
  if (!opened || opened->size() != 1 || opened->at("key").view() != bytes) std::abort();
  file.sealed[size % file.sealed.size()] ^= 1;
  if (file.open(key)) std::abort();
  return 0;
}
