// Random: bytes from the kernel's generator.
#pragma once

#include <cstddef>
#include <string>

namespace prodaccess {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::string bytes(std::size_t count) = 0;
};

class SystemRandom final : public Random {
 public:
  std::string bytes(std::size_t count) override;
};

}  // namespace prodaccess
