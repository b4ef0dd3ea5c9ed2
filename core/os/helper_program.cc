#include "core/os/helper_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>

#include "core/base/error.h"
#include "core/base/secret_spans.h"
#include "core/base/text.h"
#include "core/os/child_service.h"
#include "core/os/descriptor.h"

namespace prodaccess {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kErrorsKept = 8U << 10;
constexpr std::size_t kReadAtOnce = 64U << 10;

// A helper that reads nothing must not end us.
class PipeSignalBlock {
 public:
  PipeSignalBlock() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  PipeSignalBlock(const PipeSignalBlock&) = delete;
  PipeSignalBlock& operator=(const PipeSignalBlock&) = delete;
  ~PipeSignalBlock() {
    if (sigismember(&before_, SIGPIPE) == 0) {
      const timespec none{};
      while (sigtimedwait(&pipe_, nullptr, &none) > 0) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("cannot make a pipe", errno);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void set_nonblocking(const Descriptor& descriptor) {
  const int flags = fcntl(descriptor.get(), F_GETFL);
  if (flags < 0 || fcntl(descriptor.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    throw system_error("a pipe to a program", errno);
  }
}

// "NAME=value" for each variable, in locked pages, and pointers to them.
class EnvironmentBlock {
 public:
  explicit EnvironmentBlock(const std::vector<std::pair<std::string, Secret>>& variables) {
    std::size_t size = 0;
    for (const auto& [name, value] : variables) size += name.size() + value.size() + 2;
    block_ = Secret(size);
    char* at = block_.data();
    for (const auto& [name, value] : variables) {
      pointers_.push_back(at);
      at = std::copy(name.begin(), name.end(), at);
      *at++ = '=';
      at = std::copy(value.view().begin(), value.view().end(), at);
      *at++ = '\0';
    }
    pointers_.push_back(nullptr);
  }
  char** pointers() { return pointers_.data(); }

 private:
  Secret block_;
  std::vector<char*> pointers_;
};

// posix_spawn's two settings, freed in any case.
struct SpawnSettings {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

pid_t start(const HelperRun& run, const Pipe& input, const Pipe& output, const Pipe& errors) {
  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.actions, input.read.get(), 0);
  posix_spawn_file_actions_adddup2(&settings.actions, output.write.get(), 1);
  posix_spawn_file_actions_adddup2(&settings.actions, errors.write.get(), 2);
  int first_closed = 3;
  for (const int fd : run.given) {
    posix_spawn_file_actions_adddup2(&settings.actions, fd, first_closed++);
  }
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, first_closed);
  posix_spawn_file_actions_addchdir_np(&settings.actions, run.folder.c_str());
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setflags(
      &settings.attributes,
      static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  std::vector<char*> argv;
  for (const std::string& word : run.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  EnvironmentBlock environment(run.environment);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, run.program.c_str(), &settings.actions, &settings.attributes,
                                argv.data(), environment.pointers());
  if (error != 0) throw system_error("cannot run " + run.program.string(), error);
  return pid;
}

// What goes in and comes out while the helper runs.
class Exchange {
 public:
  Exchange(const HelperRun& run, Descriptor input, Descriptor output, Descriptor errors, int child)
      : run_(run),
        input_(std::move(input)),
        output_(std::move(output)),
        errors_(std::move(errors)),
        child_(child),
        deadline_(std::chrono::steady_clock::now() + run.deadline) {
    set_nonblocking(input_);
    set_nonblocking(output_);
    set_nonblocking(errors_);
    // So that no copy of a secret is left behind by growth.
    text_.reserve(run.output_limit + kReadAtOnce);
  }

  // Until the helper has ended, or must be.
  HelperResult::End follow() {
    while (true) {
      write_input();
      std::vector<pollfd> wanted{pollfd{child_, POLLIN, 0}, pollfd{output_.get(), POLLIN, 0},
                                 pollfd{errors_.get(), POLLIN, 0},
                                 pollfd{input_.get(), POLLOUT, 0}};
      const PolledServices served(run_.services, wanted);
      const auto left =
          std::chrono::ceil<Milliseconds>(deadline_ - std::chrono::steady_clock::now());
      if (left.count() <= 0) return HelperResult::End::TimedOut;
      poll(wanted.data(), wanted.size(),
           static_cast<int>(std::min<Milliseconds::rep>(left.count(), 60'000)));
      served.serve(wanted);
      read_output();
      read_errors();
      if (text_.size() > run_.output_limit) return HelperResult::End::TooLong;
      if ((wanted[0].revents & POLLIN) != 0) return HelperResult::End::Exited;
    }
  }

  Secret take_output() {
    read_output();  // what it wrote just before its end
    return seal(std::move(text_));
  }
  std::string take_errors() {
    read_errors();
    return std::move(last_errors_);
  }

 private:
  void write_input() {
    const std::string_view left = run_.input.view().substr(written_);
    if (input_ && !left.empty()) {
      const ssize_t wrote = write(input_.get(), left.data(), left.size());
      if (wrote > 0) written_ += static_cast<std::size_t>(wrote);
      if (wrote < 0 && errno == EPIPE) written_ = run_.input.size();
    }
    if (written_ == run_.input.size()) input_ = Descriptor();
  }

  // False: nothing to be had now (or ever).
  static bool read_some(Descriptor& from, std::string& into) {
    if (!from) return false;
    std::array<char, kReadAtOnce> buffer{};
    const ssize_t got = read(from.get(), buffer.data(), buffer.size());
    if (got == 0) from = Descriptor();
    if (got <= 0) return false;
    into.append(buffer.data(), static_cast<std::size_t>(got));
    wipe(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }

  void read_output() {
    while (text_.size() <= run_.output_limit && read_some(output_, text_)) {
    }
  }

  void read_errors() {
    for (int round = 0; round < 64 && read_some(errors_, last_errors_); ++round) {
      if (last_errors_.size() > kErrorsKept) {
        last_errors_.erase(0, last_errors_.size() - kErrorsKept);
      }
    }
  }

  const HelperRun& run_;
  Descriptor input_;
  Descriptor output_;
  Descriptor errors_;
  int child_;
  SteadyTime deadline_;
  std::size_t written_ = 0;
  std::string text_;
  std::string last_errors_;
};

int reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::vector<std::string> HelperResult::hints() const {
  constexpr std::size_t kShown = 300;
  const auto lines = split(trim(errors), '\n');
  if (lines.back().empty()) return {};
  return {"it wrote: " +
          escape_for_terminal(without_likely_secrets(lines.back()).substr(0, kShown))};
}

std::string HelperResult::description(const HelperRun& run) const {
  switch (end) {
    case End::Exited: return "exited with status " + std::to_string(status);
    case End::Signalled: return "was ended by signal " + std::to_string(status);
    case End::TimedOut:
      return "was still running after " +
             format_duration(std::chrono::ceil<std::chrono::seconds>(run.deadline));
    case End::TooLong: return "wrote more than " + std::to_string(run.output_limit) + " bytes";
  }
  return "ended";
}

HelperResult run_helper(const HelperRun& run) {
  const PipeSignalBlock quiet;
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  const pid_t pid = start(run, input, output, errors);
  input.read = Descriptor();
  output.write = Descriptor();
  errors.write = Descriptor();
  const Descriptor child(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!child) {
    const Error error = system_error("cannot watch a process", errno);
    kill(-pid, SIGKILL);
    reap(pid);
    throw error;
  }
  Exchange exchange(run, std::move(input.write), std::move(output.read), std::move(errors.read),
                    child.get());
  HelperResult result;
  result.end = exchange.follow();
  for (ChildService* service : run.services) service->child_ended();
  // It leads its own group; until it is reaped the group's number cannot mean another.
  kill(-pid, SIGKILL);
  const int status = reap(pid);
  result.output = exchange.take_output();
  result.errors = exchange.take_errors();
  if (result.end == HelperResult::End::Exited && WIFSIGNALED(status)) {
    result.end = HelperResult::End::Signalled;
    result.status = WTERMSIG(status);
  } else if (result.end == HelperResult::End::Exited) {
    result.status = WEXITSTATUS(status);
  }
  if (result.output.size() > run.output_limit) result.end = HelperResult::End::TooLong;
  return result;
}

}  // namespace prodaccess
