#include "core/base/rsa_key.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "tests/unit/rsa_test_key.h"

using namespace prodaccess;

namespace {

// By `openssl dgst -sha256 -sign` over "abc".
constexpr const char* kSignature =
    "Hq1C0TlfR2lehIZBv7EAZpxrkpLAgWWqvjtSPMBAW5z+0CLZeLov1lk1ahd62/2g8amWBWC2lFl7AuJU"
    "eilJ2reVbJVG/9ZodlLKzVmu3fb7wPK/yg/Z2glv24p/u1pSk/yGC9ItcW7Z8zcOIkuEp6IpQx+rCjud"
    "G/i+iXHDgeGomQtWZDIu9B7w+tuD/MvUk9S0CvJcI8RjDiobcX5zHd4+07DN2YZjN476pKmpRQ2MMbK1"
    "z2Kdevh1YKTSafD3fYrvpU/PUykYfxSUdYopdmWlPaOcdPYzO0x5rD8//0sjGDe6pDkuG9PTi6l1tY8T"
    "L1g4XC1sE0K5kuLxG1JVTw==";

constexpr const char* kSmallKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBALDzJd2HSJA+i4p+\n"
    "2pqug2vb8upwZCpSEg09XIfh9t1Liw5OyZ6zLrjggrWZvu86oe7/05QdLna4sBSq\n"
    "yyZ3CWgRZqwSHxiQsjUB/DVAMaZeuFjsEX3lUmdjEk6DrdDEjxFT7y4ggr+HgbmB\n"
    "3FJqOAKHzkhG1R0HClrulw67BwvhAgMBAAECgYEAlIj2nxehlNu7vN0xWajmTtMJ\n"
    "/TutCU1tM8nvc2z+EdMI/lCqtFoK/UwQzKoreZuJNRtwmqNIToZH4IFiGH7R2DE0\n"
    "WhLzSp9uh5avSELxbyVCbnyD0D5TJ/HFe1ywoxVNfy5rYjwxAKS8eDynnEYKrzyd\n"
    "pl7TVTgpkjt+Nk/2uJUCQQDdOEbqdYlyx0VKNbnw9NTNohNWYuLEtuHUdbhqn/cC\n"
    "MUg5/7hOZelLk/hqVCXQ9bk+I7jFHDB66VW2EN3d9ySHAkEAzMUTuj+zJlgqqExu\n"
    "bYAWonXU3VIJPcALm/Xd4GAJQwueDq0TZwDQh7pptX07+txJPpZAxKneskiXacPO\n"
    "3HPOVwJBANJOjhyXYPQdPWIvcXYBS82yJ3AY0jzxIAA7afbz3H/ZGjEJSs49VGzl\n"
    "X2S2Wr0s3c6VZzL8eZpf+Xv8zPAX5EECQAC/+AKGmTFawU08emsMPQj7RXxKAJ6p\n"
    "RWGc1OMtdts3/6wuFhQafKkClcCEZOPWSq5f/ny54obknSlV/jvwcKECQGvGf0jC\n"
    "m0FOAsgivgsxKDvOUDHjq/C4Gq0tXvcpyGUWv8mc/tPCFnIZJc9pF2oEwpEtExfk\n"
    "Xr/BueleHovV7xc=\n"
    "-----END PRIVATE KEY-----\n";

constexpr const char* kCurveKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgG+zwgNSxhFXstD8c\n"
    "9ko24HU0yFC3hNi1vOAB6uN0IuehRANCAARQHMa/CUeQRSNPX5nveUJZteY3liBf\n"
    "i3P9OLdZzafyAQAi/qzh7OmozIaNY/acsyyUobeLtObsRG6ccaLN8oGg\n"
    "-----END PRIVATE KEY-----\n";

std::string failure(std::string_view pem) {
  try {
    RsaKey::from_pem(Secret(pem), "the key of ana");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Config);
    return error.what();
  }
  return "a key";
}

}  // namespace

TEST_CASE("an RSA key signs as openssl does") {
  const RsaKey key = RsaKey::from_pem(Secret(std::string_view(kTestRsaKey)), "the key");
  CHECK(base64(key.sign_sha256("abc")) == kSignature);
  CHECK(base64(key.sign_sha256("abd")) != kSignature);
}

TEST_CASE("what is no RSA key of a good length is refused, and not quoted") {
  CHECK(failure("") == "the key of ana is no RSA private key in PEM without a passphrase");
  CHECK(failure("-----BEGIN PRIVATE KEY-----\nQUFB\n-----END PRIVATE KEY-----\n").find("QUFB") ==
        std::string::npos);
  CHECK(failure(kCurveKey).find("no RSA private key") != std::string::npos);
  CHECK(failure(kSmallKey).find("has 1024 bits") != std::string::npos);
  // An encrypted one would otherwise ask for its passphrase on the terminal.
  CHECK(failure("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                "DEK-Info: AES-256-CBC,00000000000000000000000000000000\n\nQUFB\n"
                "-----END RSA PRIVATE KEY-----\n")
            .find("without a passphrase") != std::string::npos);
}
