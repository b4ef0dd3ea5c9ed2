#include "core/os/background.h"

#include <unistd.h>

#include "core/os/detach.h"

namespace prodaccess {
namespace {

constexpr const char* kName = "prodaccess-bg";  // as ps shows it

}  // namespace

void start_in_background(const std::function<void()>& work) {
  if (fork() != 0) return;
  try {
    detach({kName});
    work();
    _exit(0);
  } catch (...) {
    _exit(1);
  }
}

}  // namespace prodaccess
