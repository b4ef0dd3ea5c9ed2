// Clock: wall time, boot-clock time (suspend counts), and the boot's id.
#pragma once

#include <string>

#include "core/base/time.h"

namespace prodaccess {

// All that a clock says at one instant.
struct Moment {
  WallTime wall{};
  BootTime boot{};
  std::string boot_id;
};

class Clock {
 public:
  virtual ~Clock() = default;
  Moment now() const { return {wall_now(), boot_now(), boot_id()}; }
  virtual WallTime wall_now() const = 0;
  virtual BootTime boot_now() const = 0;
  virtual std::string boot_id() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override;
  BootTime boot_now() const override;
  std::string boot_id() const override;
};

}  // namespace prodaccess
