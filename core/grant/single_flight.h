// SingleFlight: of many processes that want the same credential, one fetches and the others wait.
//
// A claim is an open-file lock on a file per request key (Files::lock), which dies with its holder
// and says who that is and how far it got. Waiters take over when it dies; when the fetch fails, or
// its prompt is cancelled, all who waited for it fail at once instead of asking again one by one.
// Different keys do not wait for each other.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/base/time.h"
#include "core/os/files.h"

namespace prodaccess {

// Tells the waiters how far it is: "asks for MFA on pts/3".
using StageReport = std::function<void(const std::string& stage)>;

class SingleFlight {
 public:
  // `files` must outlive it; `folder` must be there.
  SingleFlight(Files& files, std::filesystem::path folder);

  // Runs `fetch` in exactly one of the processes that call this with `key` at the same time, and
  // returns when it is done. `ready` is asked under the claim, at first and after every wait: where
  // it says yes nothing is fetched. `waiting` hears whom we wait for, in words, at first and at
  // each new stage. Throws what `fetch` throws; where another process's fetch failed, Error{Denied}
  // (its user said no) or Error{Provider}; after `patience`, Error{Busy} naming the holder.
  void run(const std::string& key, Milliseconds patience, const std::function<bool()>& ready,
           const std::function<void(const StageReport&)>& fetch,
           const std::function<void(const std::string&)>& waiting);

 private:
  Files& files_;
  std::filesystem::path folder_;
};

}  // namespace prodaccess
