// app: from argv to an exit status. The one place that catches.
#pragma once

#include <string>
#include <vector>

namespace prodaccess {

int run_app(const std::vector<std::string>& words);

}  // namespace prodaccess
