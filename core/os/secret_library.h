// libsecret and the few calls of GLib it comes with, opened on first use
// (https://gnome.pages.gitlab.gnome.org/libsecret/). Used only in an isolated call: it starts
// threads and may hang.
//
// Errors: Error{NotFound} where it is not installed, with the line that installs it.
#pragma once

#include <libsecret/secret.h>

namespace prodaccess {

struct SecretLibrary {
  decltype(&::secret_service_get_sync) service_get;
  decltype(&::secret_collection_for_alias_sync) collection_for_alias;
  decltype(&::secret_collection_get_locked) collection_get_locked;
  decltype(&::secret_collection_search_sync) collection_search;
  decltype(&::secret_item_create_sync) item_create;
  decltype(&::secret_item_delete_sync) item_delete;
  decltype(&::secret_item_get_secret) item_get_secret;
  decltype(&::secret_item_get_attributes) item_get_attributes;
  decltype(&::secret_value_new) value_new;
  decltype(&::secret_value_get) value_get;
  decltype(&::g_hash_table_new) hash_table_new;
  decltype(&::g_hash_table_insert) hash_table_insert;
  decltype(&::g_hash_table_lookup) hash_table_lookup;
  decltype(&::g_str_hash) string_hash;
  decltype(&::g_str_equal) string_equal;
};

const SecretLibrary& secret_library();

}  // namespace prodaccess
