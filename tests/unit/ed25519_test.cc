#include "core/base/ed25519.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/text.h"

using namespace prodaccess;

TEST_CASE("Ed25519 agrees with RFC 8032, section 7.1, test 2") {
  const Ed25519Key key(
      Secret(*unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")));
  CHECK(hex(key.public_key()) ==
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const std::string signature = key.sign("\x72");
  CHECK(hex(signature) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  CHECK(ed25519_verify(key.public_key(), "\x72", signature));
}

TEST_CASE("Ed25519 refuses another message, key or signature") {
  const Ed25519Key key(Secret(std::string(32, 'a')));
  const Ed25519Key other(Secret(std::string(32, 'b')));
  std::string signature = key.sign("text");
  CHECK(ed25519_verify(key.public_key(), "text", signature));
  CHECK_FALSE(ed25519_verify(key.public_key(), "texu", signature));
  CHECK_FALSE(ed25519_verify(other.public_key(), "text", signature));
  CHECK_FALSE(ed25519_verify("", "text", signature));
  CHECK_FALSE(ed25519_verify(key.public_key(), "text", signature.substr(1)));
  signature[10] = static_cast<char>(signature[10] ^ 1);
  CHECK_FALSE(ed25519_verify(key.public_key(), "text", signature));
  CHECK_THROWS_AS(Ed25519Key(Secret("short")), Error);
}
