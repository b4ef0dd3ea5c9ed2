// The child's environment: the caller's, less what would make the child somebody else or load foreign
// code into it, plus what the credential becomes.
//
// Pure. The reasons stand in the result, for `--explain-env`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/secret.h"
#include "core/os/spawn.h"

namespace prodaccess {

struct EnvironmentChange {
  enum class Kind { Set, TakenOut } kind = Kind::Set;
  std::string name;
  std::string reason;  // "rival credential", "loader hook", "endpoint override", "our own"
};

struct BuiltEnvironment {
  ChildEnvironment environment;
  std::vector<EnvironmentChange> changes;
};

// `caller`: entries NAME=value. `rivals`: globs of names that the provider names. Of two additions with
// one name the last counts.
BuiltEnvironment build_child_environment(const std::vector<std::string>& caller,
                                         const std::vector<std::string>& rivals,
                                         std::vector<std::pair<std::string, Secret>> additions);

}  // namespace prodaccess
