// The words of `policy explain` for people. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/command/invocation.h"
#include "core/policy/decision.h"

namespace prodaccess {

// One row a line, not yet escaped (print_line does that). `command`: as it was given.
std::vector<std::string> explanation_text(const std::string& command, const Invocation& invocation,
                                          const Decision& decision);

// "deployment api in namespace prod"
std::string target_text(const Target& target);

}  // namespace prodaccess
