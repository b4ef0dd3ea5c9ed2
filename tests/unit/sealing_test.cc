#include "core/base/sealing.h"

#include <doctest/doctest.h>

#include "core/base/text.h"

using namespace prodaccess;

TEST_CASE("AES-256-GCM as in its published test cases") {
  // The GCM specification (McGrew and Viega), test case 16.
  const Secret key(
      unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").value());
  const std::string nonce = unhex("cafebabefacedbaddecaf888").value();
  const std::string context = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2").value();
  const std::string plain = unhex(
                                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
                                .value();
  const std::string sealed = seal(key, nonce, context, plain);
  CHECK(hex(sealed) ==
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b");
  CHECK(unseal(key, nonce, context, sealed)->view() == plain);
  CHECK_FALSE(unseal(key, nonce, context + "x", sealed));
  CHECK_FALSE(unseal(key, nonce, context, sealed.substr(1)));
  CHECK_FALSE(unseal(key, nonce, context, "short"));
  CHECK(unseal(key, nonce, "", seal(key, nonce, "", ""))->empty());
}

TEST_CASE("keys from passphrases as in RFC 7914, and from secrets as in RFC 5869") {
  CHECK(hex(key_from_passphrase("pleaseletmein", "SodiumChloride", {14, 8, 1}).view()) ==
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
  // Appendix A.1, its first 32 bytes.
  CHECK(hex(key_from_secret(std::string(22, '\x0b'), unhex("000102030405060708090a0b0c").value(),
                            unhex("f0f1f2f3f4f5f6f7f8f9").value())
                .view()) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

TEST_CASE("costs that are no work, or too much, are not acceptable") {
  CHECK(ScryptCost{}.acceptable());
  for (const ScryptCost cost :
       {ScryptCost{0, 8, 1}, ScryptCost{13, 8, 1}, ScryptCost{21, 8, 1}, ScryptCost{16, 0, 1},
        ScryptCost{16, 8, 0}, ScryptCost{16, 8, 99}}) {
    CHECK_FALSE(cost.acceptable());
  }
}
