#include "core/ledger/redact.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

const Redactor kRedactor("0123456789abcdef0123456789abcdef");

}  // namespace

TEST_CASE("redact: secrets of every known form do not come through") {
  struct Case {
    const char* text;
    const char* secret;
  };
  for (const Case& each : {
           Case{"postgres://app:hunter2@db:5432/orders", "hunter2"},
           Case{"https://x-access:p%40ss@git.example.com/a.git", "p%40ss"},
           Case{"https://h/path?user=a&access_token=abc123&x=1", "abc123"},
           Case{"https://b.s3.amazonaws.com/k?X-Amz-Signature=deadbeef01", "deadbeef01"},
           Case{"PGPASSWORD=s3cret", "s3cret"},
           Case{"--set=db.password=abc", "abc"},
           Case{R"({"clientSecret": "zzz yyy"})", "zzz yyy"},
           Case{"Authorization: Bearer abcdefgh.ijkl", "abcdefgh"},
           Case{"X-Vault-Token: hvs.CAESIJ", "CAESIJ"},
           Case{"bearer 0123456789abcdef", "0123456789abcdef"},
           Case{"AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"},
           Case{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "K7MDENG"},
           Case{"x eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.sig y", "eyJzdWIiOiIxIn0"},
           Case{"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n-----END OPENSSH PRIVATE KEY-----",
                "b3Blbn"},
           Case{"ghp_0123456789abcdefghijABCDEFGHIJ012345", "0123456789abcdefghij"},
           Case{"-----BEGIN RSA PRIVATE KEY-----\ncut off", "cut off"},
       }) {
    CAPTURE(each.text);
    CHECK(std::string(each.text).find(each.secret) != std::string::npos);
    CHECK(kRedactor.text(each.text).find(each.secret) == std::string::npos);
  }
}

TEST_CASE("redact: what is no secret stays as it is") {
  for (const char* text :
       {"", "aws s3 ls s3://bucket/key", "https://example.com/path?id=1&x=2",
        "git show 3f786850e387550fdab836ed7e6dc881de23001b", "user@host:/path", "a=b",
        "postgres://app@db/orders", "kubectl get pods -n shop",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "select * from tokens where id = 5", "--key=name"}) {
    CHECK(kRedactor.text(text) == text);
  }
}

TEST_CASE("redact: equal secrets are seen to be equal, under this key only") {
  CHECK(kRedactor.value("a") == kRedactor.value("a"));
  CHECK(kRedactor.value("a") != kRedactor.value("b"));
  CHECK(Redactor("another key of sixteen").value("a") != kRedactor.value("a"));
}

TEST_CASE("redact: a command line in full, as its shape, and as a hash") {
  const std::vector<std::string> argv{"mysql", "--password",  "pw", "-h",
                                      "db",    "orders.2024", "run"};
  const auto full = kRedactor.words(argv, {5}, RecordDetail::Full);
  CHECK(full[1] == "--password");
  CHECK(full[2] == kRedactor.value("pw"));
  CHECK(full[4] == "db");
  CHECK(full[5] == kRedactor.value("orders.2024"));
  const auto shape = kRedactor.words(argv, {}, RecordDetail::Shape);
  CHECK(shape[0] == "mysql");
  CHECK(shape[3] == "-h");
  CHECK(shape[5] == kRedactor.value("orders.2024"));
  CHECK(shape[6] == "run");
  CHECK(kRedactor.words(argv, {}, RecordDetail::Hash).size() == 2);
  CHECK(kRedactor.words({}, {}, RecordDetail::Full).empty());
}
