#include "core/grant/grant_store.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/memory_files.h"
#include "tests/fakes/memory_keyring.h"
#include "tests/fakes/sample_grant.h"

using namespace prodaccess;

namespace {

struct Fixture {
  ManualClock clock;
  MemoryFiles files;
  MemoryEphemeralStore keyring;
  GrantStore store{files, clock, "/state/grants"};
  Grant grant = sample_grant(clock);

  void put() { store.put(grant, sample_credential(clock), keyring); }
};

template <typename Act>
ErrorCode code_of(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::Internal;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a grant is put, listed, found and read without the keyring") {
  CHECK(store.list().empty());
  CHECK_FALSE(store.find("0"));
  put();
  keyring.asked.clear();
  const auto found = store.find("0000");
  REQUIRE(found);
  CHECK(serialise_grant(*found) == serialise_grant(grant));
  CHECK(found->description.notes == grant.description.notes);
  CHECK(found->reason == grant.reason);
  CHECK(store.live_for_key(grant.request_key)->id == grant.id);
  CHECK_FALSE(store.live_for_key("another"));
  CHECK(keyring.asked.empty());
  const std::string state = files.content.at("/state/grants/00000000deadbeef.json");
  CHECK(state.find("canary") == std::string::npos);
  CHECK(store.credential(grant, Tier::Wide, keyring)->fields.at("token").view() == "canary-1234");
  CHECK_FALSE(store.credential(grant, Tier::Read, keyring));
}

TEST_CASE_FIXTURE(Fixture, "a prefix that fits two grants is refused with both") {
  put();
  store.put(sample_grant(clock, "0000000000000001"), sample_credential(clock), keyring);
  CHECK(code_of([&] { store.find("0000"); }) == ErrorCode::Usage);
  CHECK(store.find("00000000d")->id == grant.id);
  CHECK(store.find("0000000000000001")->id == "0000000000000001");
  CHECK_FALSE(store.find(""));
  CHECK_FALSE(store.find("../../etc/passwd"));
}

TEST_CASE_FIXTURE(Fixture, "where the state cannot be written nothing stays in the keyring") {
  files.disk_full = true;
  CHECK(code_of([&] { put(); }) == ErrorCode::System);
  CHECK(keyring.items.empty());
  CHECK(store.list().empty());
}

TEST_CASE_FIXTURE(Fixture, "where the keyring fails no grant is listed") {
  keyring.broken = true;
  CHECK(code_of([&] { put(); }) == ErrorCode::Keyring);
  CHECK(store.list().empty());
}

TEST_CASE_FIXTURE(Fixture, "revoking is seen at once, also where the keyring then fails") {
  put();
  keyring.broken = true;
  CHECK(code_of([&] { store.end(grant, keyring); }) == ErrorCode::Keyring);
  CHECK(store.live().empty());
  CHECK(store.find(grant.id)->revoked);
  keyring.broken = false;
  store.end(grant, keyring);
  CHECK(keyring.items.empty());
  CHECK(store.find(grant.id)->revoked);
}

TEST_CASE_FIXTURE(Fixture, "an expired grant is forgotten when ended") {
  put();
  clock.advance(std::chrono::minutes{31});
  CHECK(store.live().empty());
  CHECK(store.list().size() == 1);
  store.end(grant, keyring);
  CHECK(store.list().empty());
  CHECK(keyring.items.empty());
}

TEST_CASE_FIXTURE(Fixture, "a credential fetched for a grant that ended meanwhile is not kept") {
  put();
  store.end(grant, keyring);
  CHECK(code_of([&] { store.put_credential(grant, sample_credential(clock), keyring); }) ==
        ErrorCode::NoGrant);
  CHECK(keyring.items.empty());
  CHECK(code_of([&] { store.update(grant); }) == ErrorCode::NoGrant);
  CHECK(store.find(grant.id)->revoked);
}

TEST_CASE_FIXTURE(Fixture, "a grant keeps the handles of all its credentials") {
  put();
  Credential second = sample_credential(clock, Tier::Read);
  second.handle = "serial 2";
  store.put_credential(grant, second, keyring);
  store.put_credential(grant, second, keyring);
  CHECK(store.find(grant.id)->handles == std::vector<std::string>{"serial 1", "serial 2"});
  CHECK(store.credential(grant, Tier::Read, keyring)->handle == "serial 2");
}

TEST_CASE_FIXTURE(Fixture, "a credential past its end is as good as none") {
  put();
  clock.advance(std::chrono::minutes{20});
  CHECK(store.find(grant.id)->live(clock.now()));
  CHECK_FALSE(store.credential(grant, Tier::Wide, keyring));
}

TEST_CASE_FIXTURE(Fixture, "a newer format is refused in one line, a wrong file named") {
  put();
  const std::filesystem::path path = "/state/grants/00000000deadbeef.json";
  const std::string good = files.content[path];
  std::string newer = good;
  newer.replace(newer.find("\"format\": 1"), 11, "\"format\": 2");
  files.content[path] = newer;
  try {
    store.list();
    FAIL("taken");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == path.string() +
                                           " was written by a newer prodaccess (format 2, this "
                                           "one knows 1)");
  }
  const std::string unknown = "{\"extra\": 1," + good.substr(1);
  for (const std::string& bad : {std::string(), std::string("{}"), good.substr(0, good.size() / 2),
                                 unknown, std::string("[1]"), std::string("{\"format\":\"1\"}")}) {
    CAPTURE(bad);
    files.content[path] = bad;
    CHECK(code_of([&] { store.list(); }) == ErrorCode::System);
  }
  files.content[path] = good;
  files.content["/state/grants/1111111111111111.json"] = good;  // under another's name
  CHECK(code_of([&] { store.list(); }) == ErrorCode::System);
}

TEST_CASE_FIXTURE(Fixture, "the state lock of another process is waited for by name") {
  files.make_folder("/state/grants");
  files.held["/state/grants/lock"] = {4711, "t", ""};
  CHECK(code_of([&] { put(); }) == ErrorCode::Busy);
  CHECK(keyring.items.empty());
}
