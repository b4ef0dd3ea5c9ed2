#include <malloc.h>

#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.h"
#include "cli/last_words.h"
#include "core/os/harden.h"
#include "core/os/tool_link.h"

namespace {

constexpr int kHeapStep = 512 << 10;  // one growth of the heap where the default makes ten

// Links to this program say what is meant: docker runs its credential helpers by name, and a shell
// of ours has one for each tool.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const std::string_view name = argc > 0 ? argv[0] : "";
  if (name.substr(name.rfind('/') + 1) == "docker-credential-prodaccess") {
    words.insert(words.begin(), {"aws", "ecr-credential"});
  }
  if (const auto tool = prodaccess::linked_tool()) {
    words.insert(words.begin(), {"exec", "--", *tool});
  }
  return words;
}

}  // namespace

int main(int argc, char** argv) try {
  mallopt(M_TOP_PAD, kHeapStep);
  prodaccess::harden_process();
  return prodaccess::run_app(words_of(argc, argv));
} catch (const std::bad_alloc&) {
  return prodaccess::say_out_of_memory();
}
