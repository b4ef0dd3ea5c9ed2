#include "core/base/crypto_library.h"

#include <dlfcn.h>
#include <openssl/crypto.h>

#include "core/base/dlopen_note.h"
#include "core/base/error.h"

// In the order of the list; read by crypto_stubs.S.
extern "C" void* crypto_slots[];

namespace prodaccess {
namespace {

PRODACCESS_DLOPEN_NOTE(
    R"([{"feature":"signatures","description":"Signatures and encryption of ledgers, approvals and stores","priority":"required","soname":["libcrypto.so.3"]}])");

constexpr const char* kFunctions[] = {
#define CRYPTO_FUNCTION(name) #name,
#include "core/base/crypto_functions.inc"
#undef CRYPTO_FUNCTION
};

bool open_library() {
  void* library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(ErrorCode::System, "libcrypto.so.3 cannot be opened", {"apt-get install libssl3"});
  }
  std::size_t index = 0;
  for (const char* name : kFunctions) {
    void* function = dlsym(library, name);
    if (function == nullptr) {
      throw Error(ErrorCode::System, std::string("libcrypto.so.3 has no ") + name,
                  {"apt-get install --reinstall libssl3"});
    }
    crypto_slots[index++] = function;
  }
  return true;
}

}  // namespace

void prepare_crypto() {
  static const bool opened = open_library();
  // OPENSSL_CONF can name modules to load; ours needs none.
  static const bool ready =
      opened && OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1;
  if (!ready) throw Error(ErrorCode::Internal, "libcrypto cannot be initialised");
}

}  // namespace prodaccess
