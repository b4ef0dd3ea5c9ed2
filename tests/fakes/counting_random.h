// CountingRandom: predictable bytes, different at each call.
#pragma once

#include <string>

#include "core/os/random.h"

namespace prodaccess {

class CountingRandom final : public Random {
 public:
  std::string bytes(std::size_t count) override {
    std::string bytes(count, '\0');
    ++calls_;
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(calls_ + 7 * i);
    return bytes;
  }

 private:
  std::size_t calls_ = 0;
};

}  // namespace prodaccess
