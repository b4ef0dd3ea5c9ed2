// What `doctor` looks at on this machine, beside configuration, stores and providers: terminal,
// environment, tools, clock, state folder, ledger. Each finding names the line that mends it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/grant/provider.h"

namespace prodaccess {

class Context;

using Findings = std::vector<ProbeFinding>;

// Runs one check; what it throws is its finding, told once however many checks meet it.
void examine(Findings& findings, const std::string& subject, const std::function<void()>& check);

void examine_machine(Context& context, Findings& findings);

}  // namespace prodaccess
