#include "core/os/sealed_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"

namespace prodaccess {

Descriptor sealed_file(const char* name, std::string_view content) {
  Descriptor file(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  bool good = file && fchmod(file.get(), 0600) == 0;
  while (good && !content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    good = written > 0;
    if (good) content.remove_prefix(static_cast<std::size_t>(written));
  }
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  good = good && lseek(file.get(), 0, SEEK_SET) == 0 && fcntl(file.get(), F_ADD_SEALS, kSeals) == 0;
  if (!good) throw system_error("a file in memory", errno);
  return file;
}

}  // namespace prodaccess
