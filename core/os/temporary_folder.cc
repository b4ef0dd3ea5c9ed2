#include "core/os/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>

#include "core/base/error.h"

namespace prodaccess {

std::filesystem::path make_temporary_folder() {
  std::string name = "/tmp/prodaccess-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw system_error("cannot make a folder in /tmp", errno);
  return name;
}

}  // namespace prodaccess
