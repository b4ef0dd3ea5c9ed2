#include "core/ledger/ledger.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/ledger/segment.h"
#include "core/ledger/verify.h"
#include "tests/unit/ledger_fixture.h"

using namespace prodaccess;

TEST_CASE("a ledger writes chained canonical lines that parse back") {
  LedgerFixture fixture;
  {
    const auto ledger = fixture.open();
    CHECK(ledger->append(fixture.intent("s1"), Durability::Durable) == 2);
    CHECK(ledger->append(fixture.record(RecordKind::Ended, "s1"), Durability::Written) == 3);
  }
  const std::vector<std::string> lines = fixture.lines();
  REQUIRE(lines.size() >= 3);
  std::string previous(64, '0');
  std::uint64_t sequence = 0;
  for (const std::string& line : lines) {
    CAPTURE(line);
    const LineParse parsed = parse_line(line);
    REQUIRE(parsed.fault == LineFault::None);
    CHECK(parsed.view.hash_holds());
    CHECK(parsed.view.previous == previous);
    CHECK(parsed.view.sequence == ++sequence);
    CHECK(canonical_json(Json::parse(line)) == line);
    previous = parsed.view.hash;
  }
  CHECK(parse_line(lines[1]).view.kind == "intent");
}

TEST_CASE("a second process goes on where the first one stopped, also without the cache") {
  LedgerFixture fixture;
  fixture.open()->append(fixture.intent("s1"), Durability::Durable);
  fixture.open()->append(fixture.record(RecordKind::Ended, "s1"), Durability::Durable);
  const std::uint64_t before = fixture.lines().size();
  std::filesystem::remove(fixture.folder() / "head");
  CHECK(fixture.open()->append(fixture.intent("s2"), Durability::Durable) == before + 1);
}

TEST_CASE("a record that was cut short is set aside, and that is recorded") {
  LedgerFixture fixture;
  fixture.open()->append(fixture.intent("s1"), Durability::Durable);
  const std::string whole = fixture.content();
  const std::size_t end = whole.find_last_not_of('\n') + 1;
  fixture.overwrite(end + 1, R"({"actor":{"class":"hum)");
  const auto ledger = fixture.open();
  CHECK(ledger->append(fixture.record(RecordKind::Ended, "s1"), Durability::Durable) == 4);
  CHECK(parse_line(fixture.lines()[2]).view.kind == "torn_tail");
  CHECK(std::filesystem::file_size(fixture.folder() / "torn-3") == 22);
}

TEST_CASE("a changed record stops the ledger") {
  LedgerFixture fixture;
  fixture.open()->append(fixture.intent("s1"), Durability::Durable);
  const std::size_t at = fixture.content().find("\"role\":\"ops\"");
  fixture.overwrite(at + 8, "dev");
  std::filesystem::remove(fixture.folder() / "head");
  CHECK_THROWS_AS(fixture.open()->append(fixture.intent("s2"), Durability::Durable), Error);
}

TEST_CASE("an end that was cut off is refused because the anchor knows better") {
  LedgerFixture fixture;
  fixture.open()->append(fixture.intent("s1"), Durability::Durable);
  const std::vector<std::string> lines = fixture.lines();
  std::filesystem::resize_file(fixture.folder() / segment_name(1), lines[0].size() + 1);
  CHECK_THROWS_AS(fixture.open()->append(fixture.intent("s2"), Durability::Durable), Error);
  std::filesystem::remove_all(fixture.folder());
  CHECK_THROWS_AS(fixture.open()->append(fixture.intent("s2"), Durability::Durable), Error);
}

TEST_CASE("segments rotate with an intent and are then cut to their records") {
  LedgerFixture fixture;
  fixture.options.segment_size = 4096;
  const auto ledger = fixture.open();
  for (int i = 0; i < 20; ++i) {
    const std::string session = "s" + std::to_string(i);
    ledger->append(fixture.intent(session), Durability::Durable);
    ledger->append(fixture.record(RecordKind::Ended, session), Durability::Written);
  }
  CHECK(std::filesystem::exists(fixture.folder() / segment_name(3)));
  const std::string first = fixture.content(1);
  CHECK(first.back() == '\n');
  CHECK(first.find("\n\n") == std::string::npos);
  std::filesystem::remove(fixture.folder() / "head");
  const std::uint64_t next = fixture.open()->append(fixture.intent("x"), Durability::Durable);
  CHECK(next == ledger->append(fixture.intent("y"), Durability::Durable) - 1);
}

namespace {

template <typename Work>
void in_a_process_that_dies(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
}

}  // namespace

TEST_CASE("what a dead process left issued stays open until it is settled, once") {
  LedgerFixture fixture;
  in_a_process_that_dies([&] {
    const auto ledger = fixture.open();
    ledger->append(fixture.intent("lost"), Durability::Durable);
    LedgerRecord issued = fixture.record(RecordKind::Issued, "lost");
    issued.text["handle"] = "lease/1";
    issued.text["provider"] = "vault";
    ledger->append(issued, Durability::Written);
  });
  const auto ledger = fixture.open();
  ledger->append(fixture.intent("next"), Durability::Durable);
  REQUIRE(ledger->crashed().size() == 1);
  CHECK(ledger->crashed()[0].session == "lost");
  CHECK(ledger->crashed()[0].handle == "lease/1");
  // Until its handle is settled, the next process that dies leaves it to a later one.
  const auto later = fixture.open();
  later->append(fixture.intent("after"), Durability::Durable);
  REQUIRE(later->crashed().size() == 1);
  const OpenSession lost = later->crashed()[0];
  later->settled(lost);
  CHECK(parse_line(fixture.lines().back()).view.kind == "closed_unknown");
  const std::size_t lines = fixture.lines().size();
  CHECK(ledger->crashed().empty());
  later->settled(lost);
  CHECK(fixture.lines().size() == lines);
  const auto last = fixture.open();
  last->append(fixture.intent("last"), Durability::Durable);
  CHECK(last->crashed().empty());
}

TEST_CASE("what a dead process left open without a handle is closed as unknown, once") {
  LedgerFixture fixture;
  in_a_process_that_dies(
      [&] { fixture.open()->append(fixture.intent("lost"), Durability::Durable); });
  const auto ledger = fixture.open();
  ledger->append(fixture.intent("next"), Durability::Durable);
  REQUIRE(ledger->crashed().size() == 1);
  CHECK(parse_line(fixture.lines()[2]).view.kind == "closed_unknown");
  const auto later = fixture.open();
  later->append(fixture.intent("after"), Durability::Durable);
  CHECK(later->crashed().empty());
}

TEST_CASE("eight writers leave one chain") {
  LedgerFixture fixture;
  fixture.open()->append(fixture.intent("first"), Durability::Durable);
  std::vector<pid_t> children;
  for (int writer = 0; writer < 8; ++writer) {
    const pid_t child = fork();
    if (child == 0) {
      const auto ledger = fixture.open();
      for (int i = 0; i < 10; ++i) {
        const std::string session = std::to_string(writer) + "-" + std::to_string(i);
        ledger->append(fixture.intent(session), Durability::Durable);
        ledger->append(fixture.record(RecordKind::Ended, session), Durability::Written);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  std::uint64_t sequence = 0;
  std::size_t intents = 0;
  for (const std::string& line : fixture.lines()) {
    const LineParse parsed = parse_line(line);
    REQUIRE(parsed.fault == LineFault::None);
    CHECK(parsed.view.sequence == ++sequence);
    if (parsed.view.kind == "intent") ++intents;
  }
  CHECK(intents == 81);
}

TEST_CASE("an old cache beside newer segments, as a power cut may leave it, is not believed") {
  LedgerFixture fixture;
  fixture.options.segment_size = 2000;
  const auto append = [&fixture](const char* session) {
    fixture.open()->append(fixture.intent(session), Durability::Durable);
  };
  append("s1");
  const std::filesystem::path head = fixture.folder() / "head";
  std::filesystem::path anchor = fixture.folder();
  anchor += ".anchor";
  std::filesystem::copy_file(head, fixture.root() / "old-head");
  std::filesystem::copy_file(anchor, fixture.root() / "old-anchor");
  for (const char* session : {"s2", "s3", "s4", "s5", "s6"}) append(session);
  REQUIRE(std::filesystem::exists(fixture.folder() / segment_name(2)));
  const std::uint64_t before = fixture.lines().size();
  constexpr auto kOver = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(fixture.root() / "old-head", head, kOver);
  SUBCASE("the anchor is as new as the segments") {}
  SUBCASE("the anchor is old too") {
    std::filesystem::copy_file(fixture.root() / "old-anchor", anchor, kOver);
  }
  CHECK(fixture.open()->append(fixture.intent("s7"), Durability::Durable) > before);
  CHECK(verify_ledger(fixture.folder(), {}).verdict != IntegrityVerdict::Broken);
}
