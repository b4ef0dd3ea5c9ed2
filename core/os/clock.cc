#include "core/os/clock.h"

#include <ctime>
#include <fstream>

#include "core/base/error.h"

namespace prodaccess {

WallTime SystemClock::wall_now() const {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

BootTime SystemClock::boot_now() const {
  timespec now{};
  if (clock_gettime(CLOCK_BOOTTIME, &now) != 0) {
    throw Error(ErrorCode::System, "the boot clock cannot be read");
  }
  return BootTime{std::chrono::duration_cast<Milliseconds>(std::chrono::seconds{now.tv_sec} +
                                                           std::chrono::nanoseconds{now.tv_nsec})};
}

std::string SystemClock::boot_id() const {
  // The same as long as this process lives.
  static const std::string id = [] {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string text;
    if (!(file >> text)) {
      throw Error(ErrorCode::System, "/proc/sys/kernel/random/boot_id cannot be read",
                  {"mount /proc here: mount -t proc proc /proc"});
    }
    return text;
  }();
  return id;
}

}  // namespace prodaccess
