#include "providers/postgres/postgres_parameters.h"

#include <algorithm>
#include <set>

#include "core/base/text.h"

namespace prodaccess {
namespace {

constexpr std::size_t kLongestName = 63;
constexpr std::size_t kMostNames = 32;

bool is_role_name(const std::string& text) {
  return !text.empty() && text.size() <= kLongestName && is_utf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

std::vector<std::string> take_roles(ConfigTable& table, const std::string& key) {
  std::vector<std::string> names = table.take_strings(key);
  if (names.empty() || names.size() > kMostNames) {
    table.fail(key, "'" + key + "' must name the roles whose privileges a grant has (1 to 32)");
  }
  for (const std::string& name : names) {
    if (!is_role_name(name)) {
      table.fail(key, "not the name of a role: \"" + escape_for_terminal(name) + "\"");
    }
  }
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
    table.fail(key, "'" + key + "' names one role twice");
  }
  return names;
}

std::string take_path(ConfigTable& table, const std::string& key) {
  const auto path = table.take_string(key);
  if (path && (!path->starts_with('/') || path->find('\0') != std::string::npos)) {
    table.fail(key, "'" + key + "' must be an absolute path");
  }
  return path.value_or("");
}

void read_server(ConfigTable& table, PostgresParameters& into) {
  std::string problem;
  const auto address = parse_postgres_address(table.require_string("server"), problem);
  if (!address) {
    table.fail(
        "server", "'server' is no address of a PostgreSQL login: " + problem,
        {"server = \"postgresql://provisioner@db.internal:5432/orders\"",
         "server = \"postgresql://provisioner@%2Frun%2Fpostgresql/orders\"   a Unix socket"});
  }
  into.admin = *address;
}

void read_password(ConfigTable& table, PostgresParameters& into) {
  const auto from = table.take_choice("password_from", {"store", "pass-file", "command", "none"});
  into.pass_file = take_path(table, "pass_file");
  into.password_command = table.take_strings("password_command");
  if (from == "pass-file") into.password_from = PostgresPassword::PassFile;
  if (from == "command") into.password_from = PostgresPassword::Command;
  if (from == "none") into.password_from = PostgresPassword::None;
  if ((into.password_from == PostgresPassword::PassFile) == into.pass_file.empty()) {
    table.fail("pass_file", "'pass_file' and password_from = \"pass-file\" belong together");
  }
  if ((into.password_from == PostgresPassword::Command) == into.password_command.empty()) {
    table.fail("password_command",
               "'password_command' and password_from = \"command\" belong together",
               {"password_command = [\"/usr/bin/pass\", \"show\", \"orders-admin\"]"});
  }
  if (!into.password_command.empty() && !into.password_command.front().starts_with('/')) {
    table.fail("password_command", "'password_command' must begin with an absolute path");
  }
}

void read_tls(ConfigTable& table, PostgresParameters& into) {
  const auto tls = table.take_choice("tls", {"verify-full", "verify-ca", "require", "disable"});
  into.ca_file = take_path(table, "ca_file");
  into.client_certificate = take_path(table, "client_certificate");
  into.client_key = take_path(table, "client_key");
  if (into.client_certificate.empty() != into.client_key.empty()) {
    table.fail("client_key", "'client_certificate' and 'client_key' belong together");
  }
  if (into.admin.is_socket()) {
    if (tls && *tls != "disable") table.fail("tls", "a Unix socket has no TLS: leave out 'tls'");
    into.tls = "disable";
    return;
  }
  into.tls = tls.value_or("verify-full");
  if (into.tls == "disable" && !into.admin.is_loopback()) {
    table.fail("tls", "tls = \"disable\" is for loopback only: anybody on the way could read along",
               {"tls = \"verify-full\", ca_file = \"/etc/ssl/certs/orders-db.pem\""});
  }
}

bool is_setting_name(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") ==
             std::string::npos;
}

void read_settings(ConfigTable& table, PostgresParameters& into) {
  auto settings = table.take_table("settings");
  if (!settings) return;
  for (const std::string& name : settings->keys()) {
    if (!is_setting_name(name)) settings->fail(name, "not the name of a setting: " + name);
    if (to_lower(name) == "default_transaction_read_only") {
      settings->fail(name, "the tier decides '" + name + "'");
    }
    into.settings.emplace_back(name, settings->require_string(name));
  }
}

void read_tiers(ConfigTable& table, PostgresParameters& into) {
  auto tiers = table.take_table("tiers");
  if (!tiers) return;
  if (auto read = tiers->take_table("read")) {
    into.read_member_of = take_roles(*read, "member_of");
    read->finish();
  }
  tiers->finish();
}

}  // namespace

const std::string& PostgresParameters::authorities() const {
  static const std::string kSystem = "/etc/ssl/certs/ca-certificates.crt";
  return ca_file.empty() ? kSystem : ca_file;
}

PostgresParameters read_postgres_parameters(ConfigTable table) {
  PostgresParameters parameters;
  read_server(table, parameters);
  read_password(table, parameters);
  read_tls(table, parameters);
  parameters.member_of = take_roles(table, "member_of");
  read_tiers(table, parameters);
  read_settings(table, parameters);
  parameters.connection_limit = table.take_integer("connection_limit").value_or(10);
  if (parameters.connection_limit < 1 || parameters.connection_limit > 1000) {
    table.fail("connection_limit", "'connection_limit' must be 1 to 1000");
  }
  if (table.take_choice("owned", {"reassign", "drop"}) == "drop") {
    parameters.owned = OwnedObjects::Drop;
  }
  parameters.reassign_to = table.take_string("reassign_to").value_or("");
  if (!parameters.reassign_to.empty()) {
    if (!is_role_name(parameters.reassign_to) || parameters.owned == OwnedObjects::Drop) {
      table.fail("reassign_to",
                 "'reassign_to' must name a role, and goes with owned = \"reassign\"");
    }
  }
  table.finish();
  return parameters;
}

}  // namespace prodaccess
