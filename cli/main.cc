#include <malloc.h>

#include <string>
#include <vector>

#include "cli/app.h"
#include "core/os/harden.h"

namespace {

constexpr int kHeapStep = 512 << 10;  // one growth of the heap where the default makes ten

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_TOP_PAD, kHeapStep);
  prodaccess::harden_process();
  return prodaccess::run_app({argv + (argc > 0 ? 1 : 0), argv + argc});
}
