#include "core/os/secret_library.h"

#include <dlfcn.h>

#include <string>

#include "core/base/dlopen_note.h"
#include "core/base/error.h"

namespace prodaccess {
namespace {

PRODACCESS_DLOPEN_NOTE(
    R"([{"feature":"secret-service","description":"the desktop's keyring","priority":"recommended","soname":["libsecret-1.so.0"]}])");

// GLib's calls are found through libsecret, which depends on it.
template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) {
    throw Error(ErrorCode::NotFound, std::string("libsecret-1.so.0 has no ") + name);
  }
}

SecretLibrary load() {
  void* library = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(ErrorCode::NotFound,
                "libsecret-1.so.0 cannot be opened; the Secret Service needs it",
                {"apt install libsecret-1-0"});
  }
  SecretLibrary secret{};
  find(library, "secret_service_get_sync", secret.service_get);
  find(library, "secret_collection_for_alias_sync", secret.collection_for_alias);
  find(library, "secret_collection_get_locked", secret.collection_get_locked);
  find(library, "secret_collection_search_sync", secret.collection_search);
  find(library, "secret_item_create_sync", secret.item_create);
  find(library, "secret_item_delete_sync", secret.item_delete);
  find(library, "secret_item_get_secret", secret.item_get_secret);
  find(library, "secret_item_get_attributes", secret.item_get_attributes);
  find(library, "secret_value_new", secret.value_new);
  find(library, "secret_value_get", secret.value_get);
  find(library, "g_hash_table_new", secret.hash_table_new);
  find(library, "g_hash_table_insert", secret.hash_table_insert);
  find(library, "g_hash_table_lookup", secret.hash_table_lookup);
  find(library, "g_str_hash", secret.string_hash);
  find(library, "g_str_equal", secret.string_equal);
  return secret;
}

}  // namespace

const SecretLibrary& secret_library() {
  static const SecretLibrary library = load();
  return library;
}

}  // namespace prodaccess
