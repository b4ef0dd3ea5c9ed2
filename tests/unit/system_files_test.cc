#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "core/base/error.h"
#include "core/os/files.h"
#include "core/os/ownership.h"
#include "tests/fakes/temporary_folder.h"

using namespace prodaccess;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

ErrorCode code_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("nothing was thrown");
  return ErrorCode::Internal;
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a file is written whole, 0600, and read back") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  files->make_folder(folder / "a/b");
  CHECK(mode_of(folder / "a") == 0700);
  const fs::path path = folder / "a/b/state.json";
  CHECK_FALSE(files->read(path, Owner::Me));
  files->write(path, "one");
  files->write(path, std::string("tw\0o", 4));
  CHECK(files->read(path, Owner::Me) == std::string("tw\0o", 4));
  CHECK(files->read_secret(path)->view() == std::string_view("tw\0o", 4));
  CHECK(mode_of(path) == 0600);
  CHECK(files->list(folder / "a/b", Owner::Me) == std::vector<std::string>{"state.json"});
  files->remove(path);
  files->remove(path);
  CHECK_FALSE(files->read(path, Owner::Me));
  CHECK(fs::is_empty(folder / "a/b"));
}

TEST_CASE("what is not there is absent, also where its folder is missing") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  CHECK_FALSE(files->read(folder / "no/such/file", Owner::RootOrMe));
  CHECK_FALSE(files->list(folder / "no", Owner::Me));
  CHECK_FALSE(files->read_untrusted(folder / "no"));
  files->remove(folder / "no/such/file");
  CHECK(code_of([&] { files->write(folder / "no/file", "x"); }) == ErrorCode::System);
}

TEST_CASE("links, fifos and folders in place of a file are refused, and left as they are") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  put(folder / "target", "secret");
  fs::create_symlink(folder / "target", folder / "link");
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  fs::create_directory(folder / "folder");
  for (const char* name : {"link", "fifo", "folder"}) {
    CAPTURE(name);
    const fs::path path = folder / name;
    CHECK(code_of([&] { files->read(path, Owner::Me); }) == ErrorCode::Unsafe);
    CHECK(code_of([&] { files->write(path, "x"); }) == ErrorCode::Unsafe);
    CHECK(code_of([&] { files->lock(path, Milliseconds{10}); }) == ErrorCode::Unsafe);
  }
  CHECK(files->read(folder / "target", Owner::Me) == "secret");
}

TEST_CASE("a linked folder far from the top is refused") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  fs::create_directory(folder / "real");
  put(folder / "real/file", "x");
  fs::create_directory_symlink(folder / "real", folder / "linked");
  CHECK(code_of([&] { files->read(folder / "linked/file", Owner::Me); }) == ErrorCode::Unsafe);
  CHECK(code_of([&] { files->make_folder(folder / "linked/new"); }) == ErrorCode::Unsafe);
  CHECK(code_of([&] { files->list(folder / "linked", Owner::Me); }) == ErrorCode::Unsafe);
  CHECK(files->read(folder / "real/../real/./file", Owner::Me) == "x");
}

TEST_CASE("links of mine lead to a file of another tool, in folders that are mine") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  fs::create_directories(folder / "dotfiles/aws");
  fs::create_directory(folder / "home");
  put(folder / "dotfiles/aws/config", "x");
  const fs::path real = fs::canonical(folder / "dotfiles/aws/config");
  const auto read = [&](const fs::path& path) {
    return files->read(files->follow_links(folder / path), Owner::Me);
  };

  fs::create_symlink("../dotfiles/aws/config", folder / "home/config");
  fs::create_directory_symlink(folder / "dotfiles/aws", folder / "home/aws");
  fs::create_symlink("aws/config", folder / "home/twice");
  for (const char* path : {"home/config", "home/aws/config", "home/twice", "dotfiles/aws/config"}) {
    CAPTURE(path);
    CHECK(files->follow_links(folder / path) == real);
    CHECK(read(path) == "x");
  }
  CHECK_FALSE(read("home/none"));
  CHECK_FALSE(read("home/aws/none"));
  fs::create_symlink("nowhere", folder / "home/dangling");
  CHECK_FALSE(read("home/dangling"));
  CHECK_FALSE(read("none/at/all"));

  fs::create_symlink("round", folder / "home/round");
  CHECK(code_of([&] { read("home/round"); }) == ErrorCode::Unsafe);
  CHECK(code_of([&] { read("home/config/below"); }) == ErrorCode::Unsafe);
  fs::permissions(folder / "dotfiles/aws/config", fs::perms(0666));
  CHECK(code_of([&] { read("home/config"); }) == ErrorCode::Unsafe);
  fs::permissions(folder / "dotfiles/aws/config", fs::perms(0600));
  fs::permissions(folder / "dotfiles/aws", fs::perms(0777));
  CHECK(code_of([&] { read("home/config"); }) == ErrorCode::Unsafe);
  fs::permissions(folder / "dotfiles/aws", fs::perms(0700));
  fs::permissions(folder / "home", fs::perms(0777));
  CHECK(code_of([&] { read("home/config"); }) == ErrorCode::Unsafe);
  fs::permissions(folder / "home", fs::perms(0700));
  CHECK(read("home/config") == "x");
}

TEST_CASE("links of others lead nowhere" * doctest::skip(geteuid() != 0)) {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  put(folder / "file", "x");
  fs::create_symlink("file", folder / "link");
  REQUIRE(lchown((folder / "link").c_str(), 12345, 12345) == 0);
  fs::permissions(folder.path(), fs::perms(01777));  // where another could have made it
  CHECK(code_of([&] { files->follow_links(folder / "link"); }) == ErrorCode::Unsafe);
  REQUIRE(lchown((folder / "link").c_str(), 0, 0) == 0);
  CHECK(files->follow_links(folder / "link").filename() == "file");
}

TEST_CASE("files and folders that others may change are refused with the line that mends them") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  put(folder / "file", "x");
  fs::permissions(folder / "file", fs::perms(0666));
  try {
    files->read(folder / "file", Owner::Me);
    FAIL("read");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) ==
          (folder / "file").string() + " may be changed by others (mode 0666)");
    CHECK(error.hints() == std::vector<std::string>{"chmod go-w " + (folder / "file").string()});
  }
  fs::permissions(folder / "file", fs::perms(0644));
  CHECK(files->read(folder / "file", Owner::Me) == "x");
  CHECK(code_of([&] { files->read_secret(folder / "file"); }) == ErrorCode::Unsafe);
  fs::permissions(folder.path(), fs::perms(0777));
  CHECK(code_of([&] { files->read(folder / "file", Owner::Me); }) == ErrorCode::Unsafe);
  CHECK(code_of([&] { files->list(folder.path(), Owner::Me); }) == ErrorCode::Unsafe);
  fs::permissions(folder.path(), fs::perms(01777));
  CHECK(files->read(folder / "file", Owner::Me) == "x");
  fs::permissions(folder.path(), fs::perms(0700));
}

TEST_CASE("files of other owners are refused" * doctest::skip(geteuid() != 0)) {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  put(folder / "file", "x");
  REQUIRE(chown((folder / "file").c_str(), 12345, 12345) == 0);
  for (const Owner owner : {Owner::Root, Owner::Me, Owner::RootOrMe}) {
    CHECK(code_of([&] { files->read(folder / "file", owner); }) == ErrorCode::Unsafe);
  }
  CHECK(code_of([&] { files->write(folder / "file", "y"); }) == ErrorCode::Unsafe);
  CHECK(files->read_untrusted(folder / "file") == "x");
}

TEST_CASE("a file larger than the limit is an error") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  put(folder / "file", std::string(200'000, 'x'));
  CHECK(files->read(folder / "file", Owner::Me, 200'000)->size() == 200'000);
  CHECK(code_of([&] { files->read(folder / "file", Owner::Me, 199'999); }) == ErrorCode::System);
  CHECK(code_of([&] { files->read_untrusted(folder / "file", 10); }) == ErrorCode::System);
  CHECK(code_of([&] { files->read_untrusted("/dev/zero"); }) == ErrorCode::Unsafe);
}

TEST_CASE("what a killed writer left is taken over, and no entry to anybody") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  put(folder / ".state.new", "half a st");
  fs::permissions(folder / ".state.new", fs::perms(0600));
  CHECK(files->list(folder.path(), Owner::Me)->empty());
  files->write(folder / "state", "whole");
  CHECK(files->read(folder / "state", Owner::Me) == "whole");
  CHECK_FALSE(fs::exists(folder / ".state.new"));
}

TEST_CASE("a lock holds others off, names its holder and outlives nobody") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  const fs::path path = folder / "lock";
  CHECK_FALSE(files->last_holder(path));
  auto held = files->lock(path, Milliseconds{0});
  CHECK_FALSE(held->previous());
  held->note("asks for MFA\non pts/3");
  std::vector<LockHolder> seen;
  try {
    files->lock(path, Milliseconds{30}, [&](const LockHolder& holder) { seen.push_back(holder); });
    FAIL("taken twice");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Busy);
    CHECK(std::string(error.what()).find("held by pid " + std::to_string(getpid()) + " (") !=
          std::string::npos);
    CHECK(std::string(error.what()).find("asks for MFA\\x0aon pts/3") != std::string::npos);
  }
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].pid == getpid());
  held.reset();
  held = files->lock(path, Milliseconds{0});
  CHECK(held->previous() == seen[0]);
  CHECK(fs::exists(path));
}

TEST_CASE("the lock of a killed process is free") {
  const TemporaryFolder folder;
  const auto files = make_system_files();
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto held = files->lock(folder / "lock", Milliseconds{0});
    static_cast<void>(write(ready[1], "x", 1) == 1);
    pause();
    _exit(0);
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK(code_of([&] { files->lock(folder / "lock", Milliseconds{5}); }) == ErrorCode::Busy);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(files->lock(folder / "lock", Milliseconds{0})->previous()->pid == child);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a pipe can be read where the user names it") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], "hello", 5) == 5);
  close(ends[1]);
  CHECK(make_system_files()->read_untrusted("/proc/self/fd/" + std::to_string(ends[0])) == "hello");
  close(ends[0]);
}
