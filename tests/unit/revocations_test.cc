#include "providers/local/revocations.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/ssh_wire.h"
#include "core/base/text.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_files.h"

using namespace prodaccess;

namespace {

const std::filesystem::path kFolder = "/state/local";
const std::filesystem::path kFile = kFolder / "revoked.json";

struct Bench {
  MemoryFiles files;
  ManualClock clock;
  Revocations revocations{files, clock, kFolder};

  LocalHandle handle(bool ssh, const std::string& id, Seconds ttl = Seconds{600}) const {
    return {ssh, id, std::chrono::floor<std::chrono::seconds>(clock.wall_now()) + ttl};
  }
};

}  // namespace

TEST_CASE("handles go both ways, and nothing else is one") {
  for (const std::string good :
       {"ssh:1:0", "ssh:18446744073709551615:1767312000", "token:0123abcd:1767312000"}) {
    CAPTURE(good);
    const auto handle = LocalHandle::parse(good);
    REQUIRE(handle);
    CHECK(handle->text() == good);
  }
  for (const std::string bad :
       {"", "ssh", "ssh:1", "ssh:0:1", "ssh:-1:1", "ssh:1:x", "ssh:18446744073709551616:1",
        "ssh:1:1:1", "token::1", "token:XY:1", "token:ab:-1", "pgp:1:1", "ssh:1: 1", "ssh: 1:1",
        "ssh:1:253402300800"}) {
    CAPTURE(bad);
    CHECK_FALSE(LocalHandle::parse(bad));
  }
}

TEST_CASE("the list grows by what is revoked, once each, and survives") {
  Bench bench;
  CHECK(bench.revocations.list().number == 0);
  bench.revocations.add(bench.handle(true, "7"));
  bench.revocations.add(bench.handle(false, "ab"));
  CHECK(bench.revocations.add(bench.handle(true, "7")).number == 2);
  const RevocationList list = Revocations(bench.files, bench.clock, kFolder).list();
  CHECK(list.number == 2);
  REQUIRE(list.entries.size() == 2);
  CHECK(list.entries[0].what.text() == bench.handle(true, "7").text());
  CHECK(list.entries[0].at == bench.clock.wall_now());
}

TEST_CASE("an entry outlives what it revokes by a day") {
  Bench bench;
  bench.revocations.add(bench.handle(true, "7"));
  bench.clock.advance(std::chrono::hours{24} + Seconds{599});
  CHECK(bench.revocations.list().entries.size() == 1);
  bench.clock.advance(Seconds{2});
  CHECK(bench.revocations.list().entries.empty());
  bench.revocations.add(bench.handle(true, "8"));
  CHECK(bench.files.content.at(kFile).find("ssh:7:") == std::string::npos);
  CHECK(bench.revocations.list().number == 2);
}

TEST_CASE("a list that cannot be understood is an error, not an empty one") {
  for (const std::string bad :
       {"", "{}", "[]", "{\"version\":2,\"number\":1,\"revoked\":[]}",
        "{\"version\":1,\"number\":-1,\"revoked\":[]}",
        "{\"version\":1,\"number\":1,\"revoked\":[{\"handle\":\"x\",\"at\":\"y\"}]}",
        "{\"version\":1,\"number\":1,\"revoked\":[7]}"}) {
    CAPTURE(bad);
    Bench bench;
    bench.files.folders.insert(kFolder);
    bench.files.content[kFile] = bad;
    CHECK_THROWS_AS(bench.revocations.list(), Error);
    CHECK_THROWS_AS(bench.revocations.add(bench.handle(true, "7")), Error);
    CHECK(bench.files.content[kFile] == bad);
  }
}

TEST_CASE("a revocation that cannot be kept is an error") {
  Bench bench;
  bench.files.disk_full = true;
  CHECK_THROWS_AS(bench.revocations.add(bench.handle(true, "7")), Error);
}

TEST_CASE("the key revocation list has the serials of certificates only, in order") {
  Bench bench;
  bench.revocations.add(bench.handle(true, "9"));
  bench.revocations.add(bench.handle(false, "ab"));
  bench.revocations.add(bench.handle(true, "7"));
  const std::string bytes =
      ssh_revocation_list(bench.revocations.list(), "blob", bench.clock.wall_now());
  SshReader reader(bytes);
  CHECK(reader.raw(8) == std::string_view("SSHKRL\n\0", 8));
  CHECK(reader.u32() == 1);
  CHECK(reader.u64() == 3);
  CHECK(reader.u64() == 1'767'312'000);
  CHECK(reader.u64() == 0);
  CHECK(reader.string().empty());
  CHECK(reader.string() == "prodaccess local authority");
  CHECK(reader.u8() == 1);
  SshReader section(reader.string());
  CHECK(reader.finished());
  CHECK(section.string() == "blob");
  CHECK(section.string().empty());
  CHECK(section.u8() == 0x20);
  CHECK(section.string() == SshWriter().u64(7).u64(9).bytes());
  CHECK(section.finished());
}

TEST_CASE("the denied list has the ids of tokens only") {
  Bench bench;
  bench.revocations.add(bench.handle(true, "9"));
  bench.revocations.add(bench.handle(false, "ab"));
  CHECK(denied_tokens(bench.revocations.list(), "me", bench.clock.wall_now()) ==
        Json::parse(R"({"iss":"me","iat":1767312000,"number":2,
                        "denied":[{"jti":"ab","exp":1767312600}]})"));
}
