// The names by which agents, CI runners and givers of terminals are known: globs, in lower case for
// processes. Internal to core/os/identity; changed as tools come and go.
#pragma once

#include <string_view>
#include <vector>

namespace prodaccess {

extern const std::vector<std::string_view> kAgentPatterns;  // processes and scripts
extern const std::vector<std::string_view> kAgentVariables;
extern const std::vector<std::string_view> kRunnerPatterns;
extern const std::vector<std::string_view> kCiVariables;
extern const std::vector<std::string_view> kOriginPatterns;   // who gives terminals to people
extern const std::vector<std::string_view> kInitPatterns;     // who adopts orphans
extern const std::vector<std::string_view> kPackagePatterns;  // folders of packages that tell
extern const std::vector<std::string_view> kInterpreterPatterns;

}  // namespace prodaccess
