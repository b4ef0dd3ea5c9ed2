#include "core/os/random.h"

#include <sys/random.h>

#include <cerrno>

#include "core/base/error.h"

namespace prodaccess {

std::string SystemRandom::bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = getrandom(bytes.data() + filled, count - filled, 0);
    if (got < 0 && errno != EINTR) throw system_error("random bytes", errno);
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace prodaccess
