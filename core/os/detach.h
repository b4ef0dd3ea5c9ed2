// Detach: what a fork of this process does first that is to live apart from it: a session of its
// own, no terminal, the root as its folder, /dev/null as its descriptors 0 to 2 and nothing else
// open, the signals of a terminal ignored.
//
// Call it in the child, with the signals blocked since before the fork where none may be lost.
// Errors: Error{System}.
#pragma once

#include <optional>

namespace prodaccess {

struct DetachPlan {
  const char* name = nullptr;              // as ps shows it, 15 bytes
  std::optional<int> standard_input = {};  // becomes descriptor 0
  bool ends_on_term = true;                // else SIGTERM is ignored as well
};

void detach(const DetachPlan& plan);

}  // namespace prodaccess
