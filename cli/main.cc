#include <malloc.h>

#include <cstring>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/audit_sinks.h"
#include "core/os/harden.h"

namespace {

constexpr int kHeapStep = 512 << 10;  // one growth of the heap where the default makes ten

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_TOP_PAD, kHeapStep);
  prodaccess::harden_process();
  if (argc > 1 && std::strcmp(argv[1], prodaccess::kForwardArgument) == 0) {
    return prodaccess::forward_in_background();
  }
  return prodaccess::run_app({argv + (argc > 0 ? 1 : 0), argv + argc});
}
