#include "cli/last_words.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

#include "cli/exit_status.h"

namespace prodaccess {
namespace {

int words = 0;
char** word = nullptr;

bool asks_for_json(int argc, char** argv) {
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    if (std::string_view(argv[i]) == "--json") return true;
  }
  return false;
}

// The status of success belongs to the user's command: `exec`, `shell`, and links named for a tool.
bool runs_commands(int argc, char** argv) {
  if (argc < 1) return false;
  const std::string_view path = argv[0];
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.substr(0, 6) == "docker") return false;
  if (name != "prodaccess") return true;
  int first = 1;
  while (first < argc && argv[first][0] == '-') ++first;
  const std::string_view command = first < argc ? argv[first] : "";
  return command == "exec" || command == "shell";
}

int end(const char* code, const char* message) {
  if (asks_for_json(words, word)) {
    std::printf("{\"error\":{\"code\":\"%s\",\"hints\":[],\"message\":\"%s\"}}\n", code, message);
    std::fflush(stdout);
  } else {
    std::fprintf(stderr, "prodaccess: error: %s\n", message);
  }
  return runs_commands(words, word) ? kExecFailed : kFailed;
}

[[noreturn]] void on_terminate() {
  try {
    if (std::current_exception()) throw;
  } catch (const std::bad_alloc&) {
    std::_Exit(end("system", "out of memory"));
  } catch (...) {
    std::_Exit(end("internal", "a mistake of ours: an exception where none may be"));
  }
  std::_Exit(end("internal", "a mistake of ours: ended without a reason"));
}

// Before the constructors of our globals, which allocate too; glibc hands argv to this as to main.
[[gnu::constructor(101)]] void install(int argc, char** argv) {
  words = argc;
  word = argv;
  std::set_terminate(on_terminate);
}

}  // namespace

int say_out_of_memory() { return end("system", "out of memory"); }

}  // namespace prodaccess
