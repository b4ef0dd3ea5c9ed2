// ManualClock: stands still until a test moves it.
#pragma once

#include <string>

#include "core/os/clock.h"

namespace prodaccess {

class ManualClock final : public Clock {
 public:
  WallTime wall_now() const override { return wall; }
  BootTime boot_now() const override { return boot; }
  std::string boot_id() const override { return boot_name; }

  // Both clocks go on, as time does.
  void advance(Milliseconds by) {
    wall += by;
    boot += by;
  }

  WallTime wall{std::chrono::sys_days{std::chrono::January / 2 / 2026}};
  BootTime boot{std::chrono::hours{5}};
  std::string boot_name = "8a2fd2e4-0000-4000-8000-000000000001";
};

}  // namespace prodaccess
