// The whole option tree. A new command has its `add_X` here and in commands.cc.
#pragma once

#include "cli/command.h"

namespace prodaccess {

Command build_command_tree();

void add_init(Command& root);
void add_version(Command& root);

}  // namespace prodaccess
