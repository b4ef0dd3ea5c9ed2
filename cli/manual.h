// Manual pages of section 1, made from the option tree (man(7) form).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"

namespace prodaccess {

// File name and text of the page of every command: prodaccess.1, prodaccess-exec.1,
// prodaccess-policy.1 (with its sub-commands inside).
std::vector<std::pair<std::string, std::string>> manual_pages(const Command& root);

}  // namespace prodaccess
