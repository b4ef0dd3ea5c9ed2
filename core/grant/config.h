// Config: everything that the configuration files say, checked.
//
// Sources, in order: /etc/prodaccess/config.toml and config.d/*.toml (the system layer; PRODACCESS_
// SYSCONFDIR at build time), then $XDG_CONFIG_HOME/prodaccess/ the same. A user's file may narrow a
// role that the system defines and define roles of its own only where there is no system layer.
// Nothing comes from the current folder. Owner and mode are checked on the open descriptor.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/grant/role.h"
#include "core/os/environment.h"

namespace prodaccess {

class Files;

struct ConfigPaths {
  std::filesystem::path system;  // "/etc/prodaccess"
  std::filesystem::path user;    // "~/.config/prodaccess"
};

struct StoreSettings {
  std::string ephemeral = "auto";  // auto | kernel | secret-service | memory
  std::string durable = "auto";    // auto | secret-service | file
  std::string
      passphrase_from;  // durable = "file": "prompt" | "key-file:PATH" | "ssh-agent:FINGERPRINT"
};

struct Config {
  std::map<std::string, Role, std::less<>> roles;
  std::map<std::string, std::vector<std::string>, std::less<>> environments;
  StoreSettings stores;
  EnvironmentRules child_environment;  // [exec] keep, drop
  ConfigTable audit;                   // [audit]: sinks, anchors; taken by core/ledger
  ConfigTable approvals;           // [approvals]: signers, thresholds, places; taken by core/policy
  ConfigTable locks;               // [locks]
  bool self_governed = true;       // no system layer
  std::vector<std::string> files;  // those read, in order
  std::vector<std::string> ignored;  // and why: "system layer seen through a foreign uid map"

  // Throws Error{NotFound} naming the nearest role.
  const Role& role(const std::string& name) const;
};

// Throws Error{Config} with FILE:LINE:COLUMN. No file at all is an empty Config.
Config load_config(Files& files, const ConfigPaths& paths);

}  // namespace prodaccess
