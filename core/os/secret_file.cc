#include "core/os/secret_file.h"

#include <fcntl.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/os/sealed_file.h"

namespace prodaccess {
namespace {

constexpr int kLowestDescriptor = 64;

}  // namespace

SecretFile::SecretFile(std::string_view content) {
  const Descriptor made = sealed_file("secret", content);
  descriptor_ = Descriptor(fcntl(made.get(), F_DUPFD_CLOEXEC, kLowestDescriptor));
  if (!descriptor_) throw system_error("a file in memory", errno);
}

}  // namespace prodaccess
