#include "core/grant/credential.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/sample_grant.h"

using namespace prodaccess;

TEST_CASE("a credential goes into a keyring and comes back") {
  ManualClock clock;
  const Credential credential = sample_credential(clock, Tier::Read);
  const Secret bytes = credential.serialise();
  const Credential back = Credential::parse(bytes.view());
  CHECK(back.tier == Tier::Read);
  CHECK(back.issued_at == credential.issued_at);
  CHECK(back.expires_at == credential.expires_at);
  CHECK(back.issued_boot == credential.issued_boot);
  CHECK(back.boot_id == credential.boot_id);
  CHECK(back.handle == "serial 1");
  REQUIRE(back.fields.size() == 2);
  CHECK(back.fields.at("token").view() == "canary-1234");
  CHECK(back.fields.at("key").view() == std::string_view("\0\n,7:\xff", 6));
  CHECK(back.serialise().view() == bytes.view());
}

TEST_CASE("anything else in the keyring is an error, and is not quoted") {
  ManualClock clock;
  const Secret good = sample_credential(clock).serialise();
  const std::string text(good.view());
  std::vector<std::string> bad{"",           "x",           "23:prodaccess-credential 2,",
                               text + "3:x", text + "1:x,", text + "11:field.token,1:x,"};
  for (std::size_t size = 0; size < text.size(); ++size) {
    // Cut between two fields it is a credential with fewer of them.
    const bool whole =
        text.substr(size).starts_with("9:field.") || text.substr(size).starts_with("11:field.");
    if (!whole) bad.push_back(text.substr(0, size));
  }
  for (const std::string& bytes : bad) {
    CAPTURE(bytes);
    try {
      Credential::parse(bytes);
      FAIL("taken");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::Keyring);
      CHECK(std::string(error.what()).find("canary") == std::string::npos);
    }
  }
}
