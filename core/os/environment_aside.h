// EnvironmentAside: our own variables of a prefix, out of sight while it lives, for a library that
// would read settings from them (libpq and PG*).
//
// Threads: the process must have only one.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prodaccess {

class EnvironmentAside {
 public:
  explicit EnvironmentAside(std::string_view prefix);
  ~EnvironmentAside();
  EnvironmentAside(const EnvironmentAside&) = delete;
  EnvironmentAside& operator=(const EnvironmentAside&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> kept_;
};

}  // namespace prodaccess
