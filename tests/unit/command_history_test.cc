#include "core/ledger/command_history.h"

#include <doctest/doctest.h>

#include "core/os/files.h"
#include "tests/unit/ledger_fixture.h"

using namespace prodaccess;

namespace {

// Both clocks, set by the test.
class TwoClocks final : public Clock {
 public:
  WallTime wall_now() const override { return wall; }
  BootTime boot_now() const override { return boot; }
  std::string boot_id() const override { return boot_name; }
  WallTime wall = *parse_rfc3339("2026-03-01T12:00:00Z");
  BootTime boot{Milliseconds{1000}};
  std::string boot_name = "11111111-2222-3333-4444-555555555555";
};

struct History : LedgerFixture {
  void delete_something(int times = 1) {
    const auto ledger = open();
    for (int i = 0; i < times; ++i) {
      const std::string session = std::to_string(++sessions);
      LedgerRecord made = intent(session);
      made.text["effect"] = "destructive";
      ledger->append(made, Durability::Durable);
      ledger->append(record(RecordKind::Ended, session), Durability::Written);
    }
  }
  std::int64_t count(const std::string& role = "ops") {
    return CommandHistory(*files, now, folder(), root(), {}).destructive_last_hour(role);
  }

  int sessions = 0;
  TwoClocks now;
  std::unique_ptr<Files> files = make_system_files();
};

}  // namespace

TEST_CASE_FIXTURE(History, "the destructive commands of the hour count, for their role") {
  CHECK(count() == 0);
  delete_something(2);
  CHECK(count() == 2);
  CHECK(count("other") == 0);
  { open()->append(intent("read"), Durability::Durable); }
  CHECK(count() == 2);
}

TEST_CASE_FIXTURE(History, "an hour has passed when both clocks say so") {
  delete_something();
  now.wall += std::chrono::hours{2};  // set on, and nothing more
  CHECK(count() == 1);
  now.boot = BootTime{Milliseconds{3 * 3'600'000}};
  CHECK(count() == 0);
  now.wall -= std::chrono::hours{2};  // set back again
  CHECK(count() == 1);
  now.wall += std::chrono::hours{2};
  now.boot = BootTime{Milliseconds{1000}};
  now.boot_name = "another boot";
  CHECK(count() == 0);
}

TEST_CASE_FIXTURE(History, "an index is kept, read on, and built again where it is none") {
  delete_something(40);
  CHECK(count() == 40);
  const auto index = root() / "history.index";
  REQUIRE(std::filesystem::exists(index));
  delete_something();
  CHECK(count() == 41);
  std::ofstream(index) << "nonsense";
  CHECK(count() == 41);
}
