#include "core/os/pg_query_loader.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pg_query.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "core/base/dlopen_note.h"

namespace prodaccess {
namespace {

PRODACCESS_DLOPEN_NOTE(
    R"([{"feature":"postgresql","description":"PostgreSQL's grammar","priority":"recommended","soname":["libpg_query.so.1504.0"]}])");

constexpr int kChildSeconds = 5;
constexpr std::size_t kLargestTree = std::size_t{256} << 20;

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

// All that comes until the end; absent if it takes too long or is too much.
std::optional<std::string> read_all(int descriptor) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(kChildSeconds + 1);
  std::string bytes;
  std::array<char, 65536> buffer;
  while (bytes.size() < kLargestTree) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd ready{descriptor, POLLIN, 0};
    if (left.count() <= 0) return std::nullopt;
    const int polled = ::poll(&ready, 1, static_cast<int>(left.count()));
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) return std::nullopt;
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return std::nullopt;
}

// In the child: no core file, no endless loop, the default signals.
void limit_child() {
  const rlimit no_core{0, 0};
  const rlimit seconds{kChildSeconds, kChildSeconds};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_CPU, &seconds);
  for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGXCPU}) ::signal(number, SIG_DFL);
}

}  // namespace

struct PgQueryLibrary::Functions {
  void* handle = nullptr;
  decltype(&pg_query_parse) parse = nullptr;
  decltype(&pg_query_free_parse_result) free_result = nullptr;

  template <class Function>
  bool load(Function& function, const char* name) const {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    return function != nullptr;
  }

  std::optional<std::string> run(const std::string& sql) const {
    const PgQueryParseResult result = parse(sql.c_str());
    std::optional<std::string> tree;
    if (result.error == nullptr && result.parse_tree != nullptr) tree = result.parse_tree;
    free_result(result);
    return tree;
  }

  std::optional<std::string> run_in_child(const std::string& sql) const {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return std::nullopt;
    const pid_t child = ::fork();
    if (child == 0) {
      limit_child();
      const std::optional<std::string> tree = run(sql);
      if (tree) write_all(pipe[1], *tree);
      ::_exit(tree ? 0 : 1);
    }
    ::close(pipe[1]);
    std::optional<std::string> tree = child > 0 ? read_all(pipe[0]) : std::nullopt;
    ::close(pipe[0]);
    if (child <= 0) return std::nullopt;
    if (!tree) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
    return tree;
  }
};

std::unique_ptr<PgQueryLibrary> PgQueryLibrary::open() {
  auto functions = std::make_unique<Functions>();
  functions->handle = ::dlopen("libpg_query.so.1504.0", RTLD_NOW | RTLD_LOCAL);
  if (functions->handle == nullptr) return nullptr;
  if (!functions->load(functions->parse, "pg_query_parse") ||
      !functions->load(functions->free_result, "pg_query_free_parse_result")) {
    ::dlclose(functions->handle);
    return nullptr;
  }
  return std::unique_ptr<PgQueryLibrary>(new PgQueryLibrary(std::move(functions)));
}

PgQueryLibrary::PgQueryLibrary(std::unique_ptr<Functions> functions)
    : functions_(std::move(functions)) {}

// Handle and memory stay: after its pg_query_exit the library crashes when it is opened again.
PgQueryLibrary::~PgQueryLibrary() = default;

std::optional<std::string> PgQueryLibrary::parse(std::string_view sql) {
  if (sql.size() > kLongest || sql.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string text(sql);
  return sql.size() <= kInProcess ? functions_->run(text) : functions_->run_in_child(text);
}

}  // namespace prodaccess
