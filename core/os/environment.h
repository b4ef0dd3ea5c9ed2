// The environment of a command: the caller's, without what would lead it to other credentials or
// endpoints, or make it load or run something unasked, and with what the grant gives.
//
// Pure, but for `caller_environment`. The rules below are the default; a site adds to both lists in
// its configuration. What was done to each variable is told, never a value.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/secret.h"
#include "core/os/spawn.h"

namespace prodaccess {

struct EnvironmentRules {
  std::vector<std::string> drop;  // globs of names, beside the built-in ones
  std::vector<std::string> keep;  // globs of names that stay, whatever else says drop
};

struct EnvironmentChange {
  enum class Kind { Kept, Dropped, Set };
  std::string name;
  Kind kind = Kind::Kept;
  std::string why;  // of Dropped: "rival credential"; of Set: "from the grant"
};

struct BuiltEnvironment {
  ChildEnvironment environment;
  std::vector<EnvironmentChange> changes;  // by name
};

// The values that the grant gives; `plain` ones are no secrets (a region, a host).
struct GrantVariables {
  std::vector<std::pair<std::string, std::string>> plain;
  std::vector<std::pair<std::string, Secret>> secret;
};

std::vector<std::string_view> caller_environment();

BuiltEnvironment build_environment(const std::vector<std::string_view>& caller,
                                   const EnvironmentRules& rules, GrantVariables given);

// Why a variable of this name is dropped by default; empty: it is not.
std::string_view dropped_because(std::string_view name);

}  // namespace prodaccess
