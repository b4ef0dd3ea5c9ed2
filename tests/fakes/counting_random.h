// CountingRandom: predictable bytes, different at each call.
#pragma once

#include <string>

#include "core/os/random.h"

namespace prodaccess {

class CountingRandom final : public Random {
 public:
  std::string bytes(std::size_t count) override {
    std::string bytes(count, static_cast<char>(++calls_));
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(bytes[i] + 7 * i);
    return bytes;
  }

 private:
  int calls_ = 0;
};

}  // namespace prodaccess
