#include "core/os/service_collection.h"

#include <cstdlib>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/os/secret_library.h"

namespace prodaccess {
namespace {

const SecretSchema kSchema = {"org.prodaccess.Secret",
                              SECRET_SCHEMA_NONE,
                              {{"kind", SECRET_SCHEMA_ATTRIBUTE_STRING},
                               {"key", SECRET_SCHEMA_ATTRIBUTE_STRING},
                               {nullptr, SECRET_SCHEMA_ATTRIBUTE_STRING}},
                              0,
                              nullptr,
                              nullptr,
                              nullptr,
                              nullptr,
                              nullptr,
                              nullptr,
                              nullptr};

// GLib would start a bus of its own where there is none and a display is.
void require_bus() {
  if (std::getenv("DBUS_SESSION_BUS_ADDRESS") != nullptr) return;
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  std::error_code ignored;
  if (runtime != nullptr && std::filesystem::exists(std::string(runtime) + "/bus", ignored)) return;
  throw Error(ErrorCode::NotFound, "there is no D-Bus session bus, so no Secret Service",
              {"log in on a desktop, or: dbus-run-session -- COMMAND"});
}

// What GLib said, without the name of the remote error before it.
std::string words(const GError* error) {
  std::string text = error->message;
  if (text.starts_with("GDBus.Error:")) {
    const std::size_t end = text.find(": ");
    if (end != std::string::npos) text.erase(0, end + 2);
  }
  return escape_for_terminal(text);
}

void require_no_error(const GError* error, const std::string& doing,
                      ErrorCode code = ErrorCode::Keyring) {
  if (error == nullptr) return;
  throw Error(code, "the Secret Service failed " + doing + ": " + words(error),
              {"install or start one: apt install gnome-keyring",
               "without it: [stores] ephemeral = \"kernel\", durable = \"file\""});
}

}  // namespace

ServiceCollection::ServiceCollection(std::string alias, std::string kind)
    : alias_(std::move(alias)), kind_(std::move(kind)) {
  require_bus();
  const SecretLibrary& secret = secret_library();
  GError* error = nullptr;
  SecretService* service = secret.service_get(SECRET_SERVICE_OPEN_SESSION, nullptr, &error);
  require_no_error(error, "to answer", ErrorCode::NotFound);
  collection_ =
      secret.collection_for_alias(service, alias_.c_str(), SECRET_COLLECTION_NONE, nullptr, &error);
  require_no_error(error, "to open the collection " + alias_);
  if (collection_ == nullptr) {
    throw Error(ErrorCode::NotFound, "the Secret Service has no collection \"" + alias_ + "\"",
                {"make one: log in on the desktop, or use its password manager (seahorse)"});
  }
  if (secret.collection_get_locked(collection_) != FALSE) {
    throw Error(ErrorCode::Keyring, "the Secret Service's collection \"" + alias_ + "\" is locked",
                {"unlock it: log in on the desktop, or: secret-tool search --unlock kind any",
                 "without a desktop: gnome-keyring-daemon --unlock --components=secrets"});
  }
}

// The strings must outlive the table.
GHashTable* ServiceCollection::attributes(const std::string* key) const {
  const SecretLibrary& secret = secret_library();
  GHashTable* table = secret.hash_table_new(secret.string_hash, secret.string_equal);
  const auto insert = [&](const char* name, const std::string& value) {
    secret.hash_table_insert(table, const_cast<char*>(name), const_cast<char*>(value.c_str()));
  };
  insert("kind", kind_);
  if (key != nullptr) insert("key", *key);
  return table;
}

GList* ServiceCollection::search(const std::string* key, SecretSearchFlags flags) const {
  GError* error = nullptr;
  GList* items = secret_library().collection_search(collection_, &kSchema, attributes(key), flags,
                                                    nullptr, &error);
  require_no_error(error, "to search");
  return items;
}

void ServiceCollection::put(const std::string& key, std::string_view secret) {
  const SecretLibrary& library = secret_library();
  const std::string label = "prodaccess " + key;
  GError* error = nullptr;
  SecretValue* value = library.value_new(secret.data(), static_cast<gssize>(secret.size()),
                                         "application/octet-stream");
  library.item_create(collection_, &kSchema, attributes(&key), label.c_str(), value,
                      SECRET_ITEM_CREATE_REPLACE, nullptr, &error);
  require_no_error(error, "to store");
}

std::optional<Secret> ServiceCollection::get(const std::string& key) {
  const SecretLibrary& library = secret_library();
  const GList* items = search(&key, SECRET_SEARCH_LOAD_SECRETS);
  if (items == nullptr) return std::nullopt;
  SecretValue* value = library.item_get_secret(static_cast<SecretItem*>(items->data));
  if (value == nullptr) {
    throw Error(ErrorCode::Keyring, "the Secret Service found an item but gives no secret for it",
                {"unlock it: secret-tool search --unlock kind any"});
  }
  gsize size = 0;
  const gchar* bytes = library.value_get(value, &size);
  return Secret(std::string_view(bytes, size));
}

void ServiceCollection::erase(const std::string& key) {
  for (GList* item = search(&key, SECRET_SEARCH_ALL); item != nullptr; item = item->next) {
    GError* error = nullptr;
    secret_library().item_delete(static_cast<SecretItem*>(item->data), nullptr, &error);
    require_no_error(error, "to erase");
  }
}

std::vector<std::string> ServiceCollection::keys() {
  const SecretLibrary& library = secret_library();
  std::vector<std::string> keys;
  for (GList* item = search(nullptr, SECRET_SEARCH_ALL); item != nullptr; item = item->next) {
    GHashTable* found = library.item_get_attributes(static_cast<SecretItem*>(item->data));
    const void* key = library.hash_table_lookup(found, "key");
    if (key != nullptr) keys.emplace_back(static_cast<const char*>(key));
  }
  return keys;
}

}  // namespace prodaccess
