// What variables set on the line do to the meaning of the command behind them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/command/inner.h"
#include "core/command/invocation.h"

namespace prodaccess {

using Assignments = std::vector<std::pair<std::string, Word>>;

// Raises `part` by the variables that load code or name a program (LD_PRELOAD, PATH, PAGER, ...);
// `inner` judges the command that such a variable holds. Those that only one tool reads
// (TF_CLI_ARGS, AWS_PROFILE) are its pack's to ask for; here only: a value that is not on the line.
void judge_environment(const Assignments& assignments, Inner& inner, Invocation& part);

}  // namespace prodaccess
