// The shells' completion scripts, made from the option tree.
//
// Names of commands and options stand in the script; roles and grants are asked of `prodaccess
// __complete roles|grants`, which reads configuration and state files, never keyring or network.
#pragma once

#include <string>

#include "cli/command.h"

namespace prodaccess {

std::string bash_completion(const Command& root);
std::string zsh_completion(const Command& root);
std::string fish_completion(const Command& root);

}  // namespace prodaccess
