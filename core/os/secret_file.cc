#include "core/os/secret_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"

namespace prodaccess {
namespace {

constexpr int kLowestDescriptor = 64;

}  // namespace

SecretFile::SecretFile(std::string_view content) {
  const Descriptor made(memfd_create("secret", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  descriptor_ = Descriptor(made ? fcntl(made.get(), F_DUPFD_CLOEXEC, kLowestDescriptor) : -1);
  bool good = descriptor_ && fchmod(descriptor_.get(), 0600) == 0;
  while (good && !content.empty()) {
    const ssize_t written = write(descriptor_.get(), content.data(), content.size());
    good = written > 0;
    if (good) content.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && lseek(descriptor_.get(), 0, SEEK_SET) == 0 &&
         fcntl(descriptor_.get(), F_ADD_SEALS,
               F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
  if (!good) throw system_error("a file in memory", errno);
}

}  // namespace prodaccess
