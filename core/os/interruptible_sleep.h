// InterruptibleSleep: waits for instants, and tells of the signal that asks this process to end
// instead of dying of it, so that the caller can put the terminal back first. Ctrl-Z stops it as
// usual.
//
// Threads: as SignalFence.
#pragma once

#include <chrono>
#include <optional>

#include "core/os/signals.h"

namespace prodaccess {

class InterruptibleSleep {
 public:
  // Absent: the instant has come. Else the signal; it is not acted on.
  std::optional<int> until(std::chrono::steady_clock::time_point instant);

 private:
  SignalFence fence_;
};

}  // namespace prodaccess
