#include "core/grant/config.h"

#include "core/base/text.h"
#include "core/base/version.h"
#include "core/grant/role_reader.h"
#include "core/os/files.h"

namespace prodaccess {
namespace {

enum class Layer { System, User };

void read_roles(Config& config, ConfigTable table, Layer layer) {
  for (const std::string& name : table.keys()) {
    if (!table.is_table(name))
      table.fail(name, "'" + name + "' must be a table: [roles." + name + "]");
    ConfigTable role_table = *table.take_table(name);
    if (name.empty() ||
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789._-") != std::string::npos) {
      table.fail(name, "the name of a role holds letters, digits, '.', '_' and '-' only");
    }
    const auto known = config.roles.find(name);
    if (layer == Layer::User && !config.self_governed) {
      if (known == config.roles.end()) {
        table.fail(name, "role " + name + " is not one that the system configuration defines",
                   {"a user's file may only narrow the system's roles"});
      }
      narrow_role(known->second, std::move(role_table));
    } else if (known != config.roles.end()) {
      table.fail(name, "role " + name + " is defined twice (first at " +
                           known->second.position.text() + ")");
    } else {
      config.roles.emplace(name, read_role(name, std::move(role_table)));
    }
  }
}

// Labels can widen what a system rule allows, so a user's file beneath it may not give any.
void read_environments(Config& config, ConfigTable table, Layer layer) {
  for (const std::string& name : table.keys()) {
    if (layer == Layer::User && !config.self_governed) {
      table.fail(name, "only the system configuration may have [environments]");
    }
    config.environments[name] = table.take_strings(name);
  }
}

void read_stores(StoreSettings& stores, ConfigTable table) {
  const auto ephemeral =
      table.take_choice("ephemeral", {"auto", "kernel", "secret-service", "memory"});
  stores.ephemeral = ephemeral.value_or(stores.ephemeral);
  stores.durable =
      table.take_choice("durable", {"auto", "secret-service", "file"}).value_or(stores.durable);
  if (const auto from = table.take_string("passphrase_from")) {
    const bool known =
        *from == "prompt" || from->rfind("key-file:/", 0) == 0 || from->rfind("ssh-agent:", 0) == 0;
    if (!known) {
      table.fail(
          "passphrase_from",
          "'passphrase_from' must be prompt, key-file:/ABSOLUTE/PATH or ssh-agent:FINGERPRINT");
    }
    stores.passphrase_from = *from;
  }
  table.finish();
}

// To keep a variable is to trust whoever sets it: the user's file beneath a system layer may only
// drop more.
void read_exec(EnvironmentRules& rules, ConfigTable table, bool may_keep) {
  if (table.has("keep") && !may_keep) {
    table.fail("keep", "only the system configuration may keep variables");
  }
  for (std::string& glob : table.take_strings("keep")) rules.keep.push_back(std::move(glob));
  for (std::string& glob : table.take_strings("drop")) rules.drop.push_back(std::move(glob));
  table.finish();
}

// A table that only trusted configuration may give; its room takes the keys.
void take_trusted_table(Config& config, ConfigTable& table, std::string_view key, Layer layer,
                        ConfigTable& into) {
  auto inner = table.take_table(key);
  if (!inner) return;
  if (layer == Layer::User && !config.self_governed) {
    table.fail(key, "only the system configuration may have [" + std::string(key) + "]");
  }
  into = std::move(*inner);
}

void read_file(Config& config, std::string_view text, const std::string& file, Layer layer) {
  ConfigTable table = parse_toml(text, file, ErrorCode::Config);
  if (const auto requirement = table.take_string("requires")) {
    check_requirement(*requirement, table.position("requires").text());
  }
  if (auto environments = table.take_table("environments")) {
    read_environments(config, std::move(*environments), layer);
  }
  if (auto roles = table.take_table("roles")) read_roles(config, std::move(*roles), layer);
  if (auto stores = table.take_table("stores")) read_stores(config.stores, std::move(*stores));
  if (auto exec = table.take_table("exec")) {
    read_exec(config.child_environment, std::move(*exec),
              layer == Layer::System || config.self_governed);
  }
  take_trusted_table(config, table, "audit", layer, config.audit);
  take_trusted_table(config, table, "approvals", layer, config.approvals);
  take_trusted_table(config, table, "locks", layer, config.locks);
  table.finish();
  config.files.push_back(file);
}

bool ends_with_toml(const std::string& name) {
  return name.size() > 5 && name.compare(name.size() - 5, 5, ".toml") == 0;
}

std::vector<std::filesystem::path> files_of(Files& files, const std::filesystem::path& folder,
                                            Owner owner) {
  std::vector<std::filesystem::path> found{folder / "config.toml"};
  if (const auto names = files.list(folder / "config.d", owner)) {
    for (const std::string& name : *names) {
      if (ends_with_toml(name)) found.push_back(folder / "config.d" / name);
    }
  }
  return found;
}

void read_layer(Config& config, Files& files, const std::filesystem::path& folder, Layer layer) {
  const Owner owner = layer == Layer::System ? Owner::Root : Owner::Me;
  for (const auto& path : files_of(files, folder, owner)) {
    const auto text = files.read(path, owner);
    if (!text) continue;
    if (layer == Layer::System) config.self_governed = false;
    read_file(config, *text, path.string(), layer);
  }
}

}  // namespace

const Role& Config::role(const std::string& name) const {
  const auto found = roles.find(name);
  if (found != roles.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, role] : roles) names.push_back(known);
  std::vector<std::string> hints;
  if (const auto guess = nearest(name, names)) hints.push_back("did you mean " + *guess + "?");
  hints.emplace_back(names.empty() ? "prodaccess init   writes a first configuration"
                                   : "prodaccess roles   lists them");
  throw Error(ErrorCode::NotFound, "no role is called " + escape_for_terminal(name),
              std::move(hints));
}

Config load_config(Files& files, const ConfigPaths& paths) {
  Config config;
  if (!paths.system.empty()) read_layer(config, files, paths.system, Layer::System);
  if (!paths.user.empty()) read_layer(config, files, paths.user, Layer::User);
  return config;
}

}  // namespace prodaccess
