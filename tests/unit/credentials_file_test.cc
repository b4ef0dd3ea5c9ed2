#include "providers/aws/credentials_file.h"

#include <doctest/doctest.h>

#include "core/base/error.h"
#include "providers/aws/imported_keys.h"
#include "tests/fakes/memory_keyring.h"

using namespace prodaccess;

namespace {

constexpr std::string_view kText =
    "# mine\n"
    "[default]\n"
    "aws_access_key_id = AKIAONE\n"
    "AWS_SECRET_ACCESS_KEY=secret/one+\n"
    "\n"
    "[work]\r\n"
    "region = eu-west-1\r\n"
    "aws_access_key_id: AKIATWO\r\n"
    "; rotated in May\r\n"
    "aws_secret_access_key = secret two\r\n"
    "[session]\n"
    "aws_access_key_id = ASIATHREE\n"
    "aws_secret_access_key = three\n"
    "aws_session_token = token\n"
    "[half]\n"
    "aws_access_key_id = AKIAFOUR\n"
    "[nested]\n"
    "s3 =\n"
    "  max_concurrent_requests = 20\n"
    "aws_access_key_id = AKIAFIVE\n"
    "aws_secret_access_key = five";

}  // namespace

TEST_CASE("credentials file: which profiles have keys") {
  const auto keys = read_profile_keys(kText, "credentials");
  REQUIRE(keys.size() == 4);
  CHECK(keys[0].profile == "default");
  CHECK(keys[0].secret_access_key.view() == "secret/one+");
  CHECK(keys[1].access_key_id == "AKIATWO");
  CHECK(keys[1].secret_access_key.view() == "secret two");
  CHECK(keys[2].temporary);
  CHECK_FALSE(keys[3].temporary);
}

TEST_CASE("credentials file: what is taken out is the keys, and nothing else") {
  CHECK(without_profile_keys(kText, {}, "f").view() == kText);
  const Secret without = without_profile_keys(kText, {"default", "work", "nested"}, "f");
  CHECK(without.view() ==
        "# mine\n"
        "[default]\n"
        "\n"
        "[work]\r\n"
        "region = eu-west-1\r\n"
        "; rotated in May\r\n"
        "[session]\n"
        "aws_access_key_id = ASIATHREE\n"
        "aws_secret_access_key = three\n"
        "aws_session_token = token\n"
        "[half]\n"
        "aws_access_key_id = AKIAFOUR\n"
        "[nested]\n"
        "s3 =\n"
        "  max_concurrent_requests = 20\n");
}

TEST_CASE("credentials file: what is no such file is refused by its line") {
  for (const std::string bad : {"[a\n", "[a]\nwords\n", "[a]\n[a]\n"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(read_profile_keys(bad, "f"), Error);
  }
}

TEST_CASE("imported keys: what was put is found, and by its profile alone") {
  MemoryDurableStore store;
  store.put("ledger", "x");
  ImportedKeys keys(store);
  AwsCredential key;
  key.access_key_id = "AKIAONE";
  key.secret_access_key = Secret(std::string_view("one"));
  keys.put("a b", key);
  REQUIRE(keys.find("a b"));
  CHECK(keys.find("a b")->secret_access_key.view() == "one");
  CHECK_FALSE(keys.find("a b")->temporary());
  CHECK_FALSE(keys.find("a"));
  CHECK(keys.profiles() == std::vector<std::string>{"a b"});
  keys.erase("a b");
  CHECK_FALSE(keys.find("a b"));
}
