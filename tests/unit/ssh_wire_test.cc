#include "core/base/ssh_wire.h"

#include <doctest/doctest.h>

#include "core/base/text.h"

using namespace prodaccess;

TEST_CASE("SSH numbers and strings go both ways") {
  const std::string bytes =
      SshWriter().u8(7).u32(0x01020304).u64(0xfffffffffffffffeU).string("text").raw("!").bytes();
  CHECK(hex(bytes) == "0701020304fffffffffffffffe000000047465787421");
  SshReader reader(bytes);
  CHECK(reader.u8() == 7);
  CHECK(reader.u32() == 0x01020304);
  CHECK(reader.u64() == 0xfffffffffffffffeU);
  CHECK(reader.string() == "text");
  CHECK_FALSE(reader.finished());
  CHECK(reader.raw(1) == "!");
  CHECK(reader.finished());
}

TEST_CASE("a cut SSH text stays bad, whatever is read after it") {
  const std::string bytes = SshWriter().u32(100).raw("abc").bytes();
  SshReader reader(bytes);
  CHECK(reader.string().empty());
  CHECK(reader.u8() == 0);
  CHECK(reader.raw(0).empty());
  CHECK_FALSE(reader.good());
  CHECK_FALSE(reader.finished());
}

TEST_CASE("fingerprints are ssh-keygen's") {
  // ssh-keygen -l of this public key.
  const auto blob =
      unbase64("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl");
  REQUIRE(blob);
  SshReader reader(*blob);
  CHECK(reader.string() == kSshEd25519);
  CHECK(ssh_ed25519_blob(reader.string()) == *blob);
  CHECK(ssh_fingerprint(*blob) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
}
