// The conformance kit of prodaccess-provider(7): runs a provider program through everything that
// the protocol promises, good and bad, and says what held. It issues for real, a few times and for
// minutes, and takes all of it back.
//
// Errors: none but Error{Internal}; a program that fails has failed checks.
#pragma once

#include <string>
#include <vector>

#include "core/os/clock.h"
#include "providers/plugin/plugin_provider.h"

namespace prodaccess {

struct ConformanceCheck {
  enum class State { Passed, Failed, Skipped } state = State::Passed;
  std::string name;    // what was tried, as a short sentence
  std::string detail;  // why it failed or was skipped; escaped
};

// `prompt` answers the program's questions; null: a question fails the check.
std::vector<ConformanceCheck> check_plugin(const PluginHost& host,
                                           const PluginParameters& parameters, const Clock& clock,
                                           Prompt* prompt);

}  // namespace prodaccess
