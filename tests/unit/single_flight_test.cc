#include "core/grant/single_flight.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "core/base/error.h"
#include "core/base/text.h"
#include "tests/fakes/temporary_folder.h"

using namespace prodaccess;

namespace {

constexpr Milliseconds kPatience = Seconds{60};

// What one process of a flight does and how it ends: 0 done, 1 denied, 2 failed, 3 busy.
struct Flight {
  const TemporaryFolder folder;
  const std::filesystem::path done = folder / "done";
  const std::filesystem::path calls = folder / "calls";

  int run(const std::function<void(const StageReport&)>& fetch, Milliseconds patience = kPatience,
          const std::string& key = "key") const {
    const auto files = make_system_files();
    SingleFlight flight(*files, folder.path());
    try {
      flight.run(
          key, patience, [&] { return std::filesystem::exists(done); },
          [&](const StageReport& report) {
            std::ofstream(calls, std::ios::app) << "x";
            fetch(report);
            std::ofstream(done) << "done";
          },
          [&](const std::string& whom) {
            std::ofstream(folder / "waited", std::ios::app) << whom << '\n';
          });
    } catch (const Error& error) {
      return error.code() == ErrorCode::Denied ? 1 : error.code() == ErrorCode::Busy ? 3 : 2;
    }
    return 0;
  }

  pid_t start(const std::function<void(const StageReport&)>& fetch,
              Milliseconds patience = kPatience) const {
    const pid_t pid = fork();
    if (pid == 0) _exit(run(fetch, patience));
    return pid;
  }

  std::string text(const std::string& name) const {
    std::ifstream in(folder / name);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  // Until a process says in the claim that it is at `stage`.
  void wait_for_stage(const std::string& stage) const {
    for (int i = 0; i < 2000; ++i) {
      for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().extension() == ".claim" &&
            text(entry.path().filename()).find(stage) != std::string::npos) {
          return;
        }
      }
      std::this_thread::sleep_for(Milliseconds{5});
    }
    FAIL("nobody came to stage " << stage);
  }
};

int status_of(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void nap(const StageReport&) { std::this_thread::sleep_for(Milliseconds{100}); }

}  // namespace

TEST_CASE_FIXTURE(Flight, "64 processes at once make one call") {
  std::vector<pid_t> pids;
  for (int i = 0; i < 64; ++i) pids.push_back(start(nap));
  for (const pid_t pid : pids) CHECK(status_of(pid) == 0);
  CHECK(text("calls") == "x");
}

TEST_CASE_FIXTURE(Flight, "a cancelled prompt fails all waiters, and asks nobody again") {
  const auto refuse = [&](const StageReport& report) {
    report("asks for MFA on pts/3");
    for (int i = 0; i < 2000 && split(text("waited"), '\n').size() <= 8; ++i) {
      std::this_thread::sleep_for(Milliseconds{5});
    }
    throw Error(ErrorCode::Denied, "nobody answered");
  };
  std::vector<pid_t> pids{start(refuse)};
  wait_for_stage("asks for MFA");
  for (int i = 0; i < 8; ++i) pids.push_back(start(refuse));
  for (const pid_t pid : pids) CHECK(status_of(pid) == 1);
  CHECK(text("calls") == "x");
  CHECK(text("waited").starts_with("waiting for pid " + std::to_string(pids[0]) +
                                   " (asks for MFA on pts/3)\n"));
  // Who comes later asks anew.
  CHECK(run(nap) == 0);
  CHECK(text("calls") == "xx");
}

TEST_CASE_FIXTURE(Flight, "a killed holder is taken over from") {
  const pid_t holder = start([](const StageReport& report) {
    report("stuck");
    pause();
  });
  wait_for_stage("stuck");
  std::vector<pid_t> pids;
  for (int i = 0; i < 8; ++i) pids.push_back(start(nap));
  for (int i = 0; i < 2000 && split(text("waited"), '\n').size() <= 8; ++i) {
    std::this_thread::sleep_for(Milliseconds{5});
  }
  kill(holder, SIGKILL);
  status_of(holder);
  for (const pid_t pid : pids) CHECK(status_of(pid) == 0);
  CHECK(text("calls") == "xx");
}

TEST_CASE_FIXTURE(Flight, "a provider's failure reaches those who waited for it") {
  const auto fail = [&](const StageReport& report) {
    report("calls");
    for (int i = 0; i < 2000 && text("waited").empty(); ++i) {
      std::this_thread::sleep_for(Milliseconds{5});
    }
    throw Error(ErrorCode::Provider, "no route");
  };
  const pid_t holder = start(fail);
  wait_for_stage("calls");
  const pid_t waiter = start(nap);
  CHECK(status_of(holder) == 2);
  CHECK(status_of(waiter) == 2);
  CHECK(text("calls") == "x");
}

TEST_CASE_FIXTURE(Flight, "patience ends, and other keys do not wait") {
  const pid_t holder = start([](const StageReport& report) {
    report("stuck");
    pause();
  });
  wait_for_stage("stuck");
  CHECK(run(nap, Milliseconds{50}) == 3);
  CHECK(run(nap, Milliseconds{50}, "another key") == 0);
  kill(holder, SIGKILL);
  status_of(holder);
}

TEST_CASE_FIXTURE(Flight, "nothing is fetched where it is there already") {
  std::ofstream(done) << "x";
  CHECK(run([](const StageReport&) { FAIL("fetched"); }) == 0);
  CHECK(text("calls").empty());
}
