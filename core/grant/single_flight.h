// SingleFlight: of many processes that want the same credential, one fetches and the others wait.
//
// A claim is a record (pid, start time, stage) in a file per request key, under an open-file lock
// that dies with its holder. Waiters take over when it does; a cancelled prompt fails all of them
// at once. Different keys do not wait for each other.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/base/time.h"

namespace prodaccess {

class SingleFlight {
 public:
  explicit SingleFlight(std::filesystem::path folder);

  // Runs `fetch` in exactly one of the processes that call this with `key` at the same time, and
  // returns when it is done. `ready` is asked under the claim, and again after every wait: where it
  // says yes nothing is fetched. `waiting` hears once, in words, whom we wait for. Throws what
  // `fetch` throws; where another process's fetch was refused by its user, Error{Denied}; after
  // `patience`, Error{Busy} naming the holder.
  void run(const std::string& key, Milliseconds patience, const std::function<bool()>& ready,
           const std::function<void(const std::function<void(const std::string& stage)>&)>& fetch,
           const std::function<void(const std::string&)>& waiting);

 private:
  std::filesystem::path folder_;
};

}  // namespace prodaccess
