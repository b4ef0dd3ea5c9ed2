#include "core/os/program.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "core/base/error.h"
#include "core/os/spawn.h"

using namespace prodaccess;
namespace fs = std::filesystem;

namespace {

// A folder with programs of our own making, in one that nobody else may change.
struct Programs {
  Programs() {
    char name[] = "/tmp/prodaccess-programs-XXXXXX";
    folder = mkdtemp(name);
  }
  ~Programs() { fs::remove_all(folder); }

  fs::path make(const fs::path& name, mode_t mode = 0755) const {
    const fs::path path = folder / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "#!/bin/sh\n";
    chmod(path.c_str(), mode);
    return path;
  }
  std::string at(const char* name) const { return (folder / name).string(); }

  fs::path folder;
};

ErrorCode refusal(const std::string& name, const std::string& search_path) {
  try {
    find_program(name, search_path);
  } catch (const Error& error) {
    CHECK(!error.hints().empty());
    return error.code();
  }
  return ErrorCode::Internal;
}

}  // namespace

TEST_CASE("program: the first on the path is found, and known again") {
  const Programs programs;
  const fs::path first = programs.make("one/tool");
  programs.make("two/tool");
  const auto found = find_program("tool", programs.at("one") + ":" + programs.at("two"));
  REQUIRE(found);
  CHECK(found->path == first);
  CHECK(found->unchanged());
  std::ofstream(first, std::ios::app) << "exit 1\n";
  CHECK(!found->unchanged());
}

TEST_CASE("program: a file put in its place is not the one that was checked") {
  const Programs programs;
  const fs::path tool = programs.make("one/tool");
  const auto found = find_program("tool", programs.at("one"));
  REQUIRE(found);
  fs::rename(programs.make("one/other"), tool);
  CHECK(!found->unchanged());
  fs::remove(tool);
  CHECK(!found->unchanged());
}

TEST_CASE("program: absent, and what only looks like one") {
  const Programs programs;
  programs.make("one/tool", 0644);
  fs::create_directories(programs.folder / "one/folder");
  CHECK(!find_program("nothing", programs.at("one")));
  CHECK(!find_program("folder", programs.at("one")));
  CHECK(!find_program("", programs.at("one")));
  CHECK(!find_program(programs.at("one/nothing"), ""));
  CHECK(refusal("tool", programs.at("one")) == ErrorCode::Denied);
  CHECK(refusal(programs.at("one/tool"), "") == ErrorCode::Denied);
  CHECK(refusal(programs.at("one/folder"), "") == ErrorCode::Denied);
  // One that may be executed further along the path is taken instead, as a shell does.
  programs.make("two/tool");
  CHECK(find_program("tool", programs.at("one") + ":" + programs.at("two")));
}

TEST_CASE("program: without PATH the system's own folders are searched") {
  const auto found = find_program("sh", "");
  REQUIRE(found);
  CHECK(found->path.filename() == "sh");
}

TEST_CASE("program: one that others may change is refused") {
  const Programs programs;
  programs.make("one/tool", 0757);
  CHECK(refusal("tool", programs.at("one")) == ErrorCode::Unsafe);
  CHECK(refusal(programs.at("one/tool"), "") == ErrorCode::Unsafe);
}

TEST_CASE("program: a folder searched before it that others may change is refused") {
  const Programs programs;
  programs.make("one/other");
  programs.make("two/tool");
  const std::string path = programs.at("one") + ":" + programs.at("two");
  CHECK(find_program("tool", path));
  for (const mode_t mode : {0757U, 0777U, 01777U}) {
    CAPTURE(mode);
    chmod(programs.at("one").c_str(), mode);
    CHECK(refusal("tool", path) == ErrorCode::Unsafe);
  }
  // Behind it, it is never reached.
  CHECK(find_program("tool", programs.at("two") + ":" + programs.at("one")));
}

TEST_CASE("program: a folder on the way to it counts too") {
  const Programs programs;
  programs.make("way/one/tool");
  chmod(programs.at("way").c_str(), 0777);
  CHECK(refusal("tool", programs.at("way/one")) == ErrorCode::Unsafe);
}

TEST_CASE("program: a missing folder that anybody could make is refused") {
  const Programs programs;
  programs.make("two/tool");
  CHECK(refusal("tool", "/tmp/prodaccess-no-such-folder:" + programs.at("two")) ==
        ErrorCode::Unsafe);
  CHECK(find_program("tool", programs.at("missing") + ":" + programs.at("two")));
}

TEST_CASE("program: links are followed, and where they lead is checked") {
  const Programs programs;
  programs.make("real/tool");
  fs::create_directories(programs.folder / "bin");
  fs::create_symlink("../real/tool", programs.folder / "bin/tool");
  const auto found = find_program("tool", programs.at("bin"));
  REQUIRE(found);
  CHECK(found->path == programs.folder / "bin/tool");  // argv[0] and $0 stay what was typed
  chmod(programs.at("real").c_str(), 0777);
  CHECK(refusal("tool", programs.at("bin")) == ErrorCode::Unsafe);
  fs::create_symlink("loop", programs.folder / "bin/loop");
  CHECK(!find_program("loop", programs.at("bin")));
}
