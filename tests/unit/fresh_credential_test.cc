#include "core/grant/fresh_credential.h"

#include <doctest/doctest.h>
#include <poll.h>

#include "core/base/error.h"
#include "tests/fakes/manual_clock.h"

using namespace prodaccess;
using std::chrono::minutes;

namespace {

Credential credential_for(const ManualClock& clock, Milliseconds life, const char* token) {
  Credential credential;
  credential.issued_at = clock.wall;
  credential.issued_boot = clock.boot;
  credential.boot_id = clock.boot_name;
  credential.expires_at = clock.wall + life;
  credential.fields.emplace("token", Secret(std::string_view(token)));
  return credential;
}

// Waits for the successor's process, as its owner's poll does.
void receive_all(FreshCredential& fresh) {
  for (int round = 0; round < 100; ++round) {
    pollfd ready{fresh.descriptor().value(), POLLIN, 0};
    REQUIRE(poll(&ready, 1, 30'000) == 1);
    if (fresh.receive()) return;
  }
  FAIL("it never ended");
}

struct Bench {
  ManualClock clock;
  Successor next = [this](WallTime later_than) {
    Credential credential = credential_for(clock, minutes{60}, "second");
    if (credential.expires_at <= later_than) throw Error(ErrorCode::Provider, "too short");
    return credential.serialise();
  };
  FreshCredential make(Milliseconds until, Successor successor) {
    return {clock, credential_for(clock, minutes{60}, "first"), clock.wall + until,
            std::move(successor)};
  }
};

}  // namespace

TEST_CASE("a credential without a successor is given until its end") {
  Bench bench;
  FreshCredential fresh = bench.make(minutes{300}, {});
  bench.clock.advance(minutes{59});
  fresh.look_ahead();
  CHECK_FALSE(fresh.awaited());
  CHECK(fresh.worth_giving());
  CHECK(fresh.left() == minutes{1});
  bench.clock.advance(minutes{1});
  CHECK_FALSE(fresh.worth_giving());
  CHECK(fresh.left() == Milliseconds{0});
}

TEST_CASE(
    "a successor is sent for in the last quarter of an hour, and the old one given meanwhile") {
  Bench bench;
  FreshCredential fresh = bench.make(minutes{300}, bench.next);
  bench.clock.advance(minutes{44});
  fresh.look_ahead();
  CHECK_FALSE(fresh.awaited());
  bench.clock.advance(minutes{2});
  fresh.look_ahead();
  REQUIRE(fresh.awaited());
  CHECK(fresh.worth_giving());
  CHECK(fresh.held().field("token") == "first");
  receive_all(fresh);
  CHECK_FALSE(fresh.awaited());
  CHECK(fresh.held().field("token") == "second");
  CHECK(fresh.left() == minutes{60});
  CHECK(fresh.failure().empty());
}

TEST_CASE("close to its end the old one is not given while another comes") {
  Bench bench;
  FreshCredential fresh = bench.make(minutes{300}, bench.next);
  bench.clock.advance(minutes{59} + Seconds{30});
  CHECK(fresh.worth_giving());
  fresh.look_ahead();
  CHECK_FALSE(fresh.worth_giving());
  receive_all(fresh);
  CHECK(fresh.worth_giving());
}

TEST_CASE("a failure is told, and the next try has its pause") {
  Bench bench;
  FreshCredential fresh = bench.make(
      minutes{300}, [](WallTime) -> Secret { throw Error(ErrorCode::Provider, "STS is away"); });
  bench.clock.advance(minutes{50});
  fresh.look_ahead();
  receive_all(fresh);
  CHECK(fresh.failure() == "STS is away");
  CHECK(fresh.worth_giving());
  fresh.look_ahead();
  CHECK_FALSE(fresh.awaited());
  bench.clock.advance(Seconds{6});
  fresh.look_ahead();
  CHECK(fresh.awaited());
  fresh.stop();
  CHECK_FALSE(fresh.awaited());
}

TEST_CASE("a credential that lasts as long as its grant has no successor") {
  Bench bench;
  FreshCredential fresh = bench.make(minutes{60}, bench.next);
  bench.clock.advance(minutes{58});
  fresh.look_ahead();
  CHECK_FALSE(fresh.awaited());
  FreshCredential shorter = bench.make(minutes{30}, bench.next);
  bench.clock.advance(minutes{30});
  CHECK_FALSE(shorter.worth_giving());
}
