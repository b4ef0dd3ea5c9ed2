// app: from argv to an exit status. The one place that catches; only std::bad_alloc passes, for
// main to tell (last_words.h).
#pragma once

#include <string>
#include <vector>

namespace prodaccess {

int run_app(const std::vector<std::string>& words);

}  // namespace prodaccess
