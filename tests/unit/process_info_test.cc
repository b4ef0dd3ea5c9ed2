#include "core/os/process_info.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "core/os/process_tree.h"
#include "core/os/session_registry.h"

using namespace prodaccess;

namespace {

constexpr const char* kRest =
    " S 7 8 9 34816 8 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 1000 10 18446744073709551615";

}  // namespace

TEST_CASE("process: the kernel's line is read, whatever the process calls itself") {
  for (const char* name : {"sh", "", "a b", ") S 1 2 3", "((", "x)\n(y"}) {
    CAPTURE(name);
    const auto info = parse_process_stat("42 (" + std::string(name) + ")" + kRest);
    REQUIRE(info);
    CHECK(info->id == ProcessId{42, 4711});
    CHECK(info->name == name);
    CHECK(info->state == 'S');
    CHECK(info->parent == 7);
    CHECK(info->group == 8);
    CHECK(info->session == 9);
    CHECK(info->terminal == 34816);
  }
  for (const char* broken :
       {"", "42", "42 (sh", "42 (sh) S 1 2 3", "x (sh) S 7 8 9", "42 )sh( S"}) {
    CAPTURE(broken);
    CHECK(!parse_process_stat(broken));
  }
}

TEST_CASE("process: ourselves") {
  const auto own = process_info(getpid());
  REQUIRE(own);
  CHECK(own->parent == getppid());
  CHECK(still_runs(own->id));
  CHECK(!still_runs({own->id.pid, own->id.start_time + 1}));
  CHECK(process_owner(getpid()) == getuid());
  CHECK(!process_info(-1));
}

TEST_CASE("process: a signal goes to the one that was meant") {
  const pid_t pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  const auto info = process_info(pid);
  REQUIRE(info);
  CHECK(!send_signal({pid, info->id.start_time + 1}, SIGKILL));
  CHECK(still_runs(info->id));
  CHECK(send_signal(info->id, SIGKILL));
  int status = 0;
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFSIGNALED(status));
  CHECK(!send_signal(info->id, SIGKILL));
}

TEST_CASE("sessions: a file while one runs, and the first reason for its end") {
  char name[] = "/tmp/prodaccess-sessions-XXXXXX";
  const std::filesystem::path parent = mkdtemp(name);
  const auto folder = parent / "sessions";
  CHECK(list_sessions(folder).empty());
  SessionRecord record;
  record.session = "s-1";
  record.grant = "7f3a";
  record.role = "ops";
  record.command = "aws s3 ls \"\n";
  record.supervisor = process_info(getpid())->id;
  record.deadline = WallTime{Milliseconds{1'700'000'000'123}};
  {
    SessionFile file(folder, record);
    REQUIRE(list_sessions(folder).size() == 1);
    CHECK(list_sessions(folder)[0].child.pid == 0);
    file.add_processes({10, 20}, {11, 21});
    const SessionRecord found = list_sessions(folder).at(0);
    CHECK(found.command == record.command);
    CHECK(found.child == ProcessId{10, 20});
    CHECK(found.watcher == ProcessId{11, 21});
    CHECK(found.deadline == record.deadline);
    CHECK(found.running());
    CHECK_THROWS(SessionFile(folder, record));
    CHECK(!noted_ending(folder, "s-1"));
    note_ending(folder, "s-1", "revocation");
    note_ending(folder, "s-1", "expiry");
    CHECK(noted_ending(folder, "s-1") == "revocation");
    file.remove();
  }
  CHECK(list_sessions(folder).empty());
  CHECK(!noted_ending(folder, "s-1"));
  record.session = "../evil";
  CHECK_THROWS(SessionFile(folder, record));
  std::filesystem::remove_all(parent);
}

TEST_CASE("sessions: damaged files and foreign folders") {
  char name[] = "/tmp/prodaccess-sessions-XXXXXX";
  const std::filesystem::path folder = mkdtemp(name);
  for (const char* text : {"", "{", "[]", "{\"session\":\"x\"}", "null\nnull\n"}) {
    FILE* file = std::fopen((folder / "x.session").c_str(), "w");
    std::fputs(text, file);
    std::fclose(file);
    CHECK(list_sessions(folder).empty());
  }
  std::filesystem::permissions(folder, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  CHECK_THROWS(list_sessions(folder));
  std::filesystem::remove_all(folder);
}
