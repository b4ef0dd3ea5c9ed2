#include "core/command/language/postgres_settings.h"

#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

// Durability, archiving, audit: turned down, something is lost for good.
constexpr std::string_view kSafetyNets =
    "fsync full_page_writes archive_mode archive_command archive_library wal_level restore_command "
    "log_statement log_connections log_disconnections logging_collector log_destination "
    "log_directory "
    "log_min_messages log_min_error_statement pgaudit.log autovacuum zero_damaged_pages "
    "ignore_checksum_failure ignore_invalid_pages synchronous_standby_names track_commit_timestamp "
    "wal_keep_size max_slot_wal_keep_size hot_standby restart_after_crash recovery_target_action";

constexpr std::string_view kAccess =
    "listen_addresses ssl ssl_ca_file ssl_cert_file ssl_key_file ssl_min_protocol_version "
    "password_encryption hba_file ident_file shared_preload_libraries session_preload_libraries "
    "local_preload_libraries dynamic_library_path allow_system_table_mods unix_socket_permissions "
    "unix_socket_directories krb_server_keyfile row_security authentication_timeout "
    "primary_conninfo ssl_passphrase_command createrole_self_grant extension_control_path";

bool turned_up(std::string_view value) {
  return one_of(value, "on true yes 1 replica logical all ddl mod");
}

}  // namespace

void judge_postgres_setting(SqlFinding& finding, std::string_view name, std::string_view value,
                            SettingReach reach) {
  if (name == "role" || name == "session_authorization") {
    if (value.empty() || value == "none" || value == "default") return;
    raise(finding, Effect::Privilege, "takes another role");
  } else if (name == "session_replication_role") {
    if (value != "origin" && value != "local")
      raise(finding, Effect::Destructive, "switches triggers and foreign keys off");
  } else if (name == "standard_conforming_strings" || name == "backslash_quote") {
    raise_opaque(finding, OpaqueCause::Hidden, "changes how the text after it is read");
  } else if (one_of(name, kSafetyNets)) {
    const bool damages = one_of(name, "zero_damaged_pages ignore_checksum_failure");
    if (damages == turned_up(value))
      raise(finding, Effect::Destructive, "turns a safety net down: " + std::string(name));
  } else if (one_of(name, kAccess)) {
    raise(finding, Effect::Privilege, "changes who may do what: " + std::string(name));
  }
  if (reach == SettingReach::Lasting) raise(finding, Effect::Write, "changes a lasting setting");
}

}  // namespace prodaccess
