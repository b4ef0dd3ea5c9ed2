#include "core/grant/validity.h"

#include <doctest/doctest.h>

#include "tests/fakes/manual_clock.h"
#include "tests/fakes/sample_grant.h"

using namespace prodaccess;

TEST_CASE("a grant lives until its end and not a moment longer") {
  ManualClock clock;
  const Grant grant = sample_grant(clock);
  CHECK(grant.live(clock.now()));
  CHECK(grant.left(clock.now()) == Seconds{1800});
  clock.advance(Seconds{1799} + Milliseconds{1});
  CHECK(grant.live(clock.now()));
  CHECK(grant.left(clock.now()) == Seconds{0});
  clock.advance(Milliseconds{999});
  CHECK_FALSE(grant.live(clock.now()));
  CHECK(grant.state_words(clock.now()) == "has expired");
}

TEST_CASE("a clock set back does not lengthen a grant") {
  ManualClock clock;
  const Grant grant = sample_grant(clock);
  clock.advance(Seconds{1790});
  clock.wall -= Seconds{110};
  CHECK(grant.live(clock.now()));
  CHECK(grant.left(clock.now()) == Seconds{10});
  clock.advance(Seconds{10});
  CHECK_FALSE(grant.live(clock.now()));
}

TEST_CASE("clocks that disagree by more than two minutes end a grant, either way") {
  for (const int apart : {-121, 121}) {
    ManualClock clock;
    const Grant grant = sample_grant(clock);
    clock.advance(Seconds{300});
    clock.wall += Seconds{apart > 0 ? 120 : -120};
    CHECK(grant.live(clock.now()));
    clock.wall += Seconds{apart > 0 ? 1 : -1};
    CHECK(grant.span().at(clock.now()) == Validity::ClocksDisagree);
    CHECK(grant.left(clock.now()) == Seconds{0});
  }
}

TEST_CASE("a new boot ends a grant, whatever the clocks say") {
  ManualClock clock;
  const Grant grant = sample_grant(clock);
  clock.boot_name = "another";
  CHECK(grant.span().at(clock.now()) == Validity::Rebooted);
  CHECK_FALSE(grant.live(clock.now()));
}

TEST_CASE("a revoked grant is not live") {
  ManualClock clock;
  Grant grant = sample_grant(clock);
  grant.revoked = true;
  CHECK_FALSE(grant.live(clock.now()));
  CHECK(grant.left(clock.now()) == Seconds{0});
  CHECK(grant.state_words(clock.now()) == "was revoked");
}

TEST_CASE("a credential is not used in its last moments") {
  ManualClock clock;
  Credential credential = sample_credential(clock);
  clock.advance(Seconds{1194});
  CHECK(credential.usable(clock.now()));
  clock.advance(Seconds{1});
  CHECK_FALSE(credential.usable(clock.now()));
  credential.issued_at = clock.wall;
  credential.issued_boot = clock.boot;
  credential.expires_at = clock.wall + Seconds{10};
  clock.advance(Seconds{8});
  CHECK(credential.usable(clock.now()));
  clock.advance(Seconds{1});
  CHECK_FALSE(credential.usable(clock.now()));
}
