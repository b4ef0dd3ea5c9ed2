#include "providers/http/url.h"

#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace prodaccess;

TEST_CASE("URLs are taken apart strictly") {
  const Url url = parse_url("https://STS.eu-west-1.amazonaws.com:8443/a/b?x=1&y");
  CHECK(url.scheme == "https");
  CHECK(url.authority() == "sts.eu-west-1.amazonaws.com:8443");
  CHECK(url.path == "/a/b");
  CHECK(url.query == "x=1&y");
  CHECK(parse_url("http://[::1]:80").authority() == "[::1]:80");
  CHECK(parse_url("https://h").path == "/");
  for (const char* bad :
       {"", "ftp://h/", "https://", "https://user@h/", "https://h:99999999/", "https://h/ a",
        "https://h/#x", "//h/", "https://h\n/", "https://[::1/", "https://h:x/", "https://a\\b/"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_url(bad), Error);
  }
}

TEST_CASE("plain HTTP may go to this machine only") {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1", "169.254.169.254"}) {
    CHECK(is_local_host(host));
  }
  for (const char* host : {"127.0.0.1.example.com", "127.0.0", "127.0.0.256", "10.0.0.1", "",
                           "localhost.example.com", "0.0.0.0"}) {
    CHECK_FALSE(is_local_host(host));
  }
}

TEST_CASE("percent-encoding leaves the unreserved set alone") {
  CHECK(percent_encode("aZ9-_.~/ +") == "aZ9-_.~%2F%20%2B");
  CHECK(form_encode({{"a", "1 2"}, {"b", "&"}}) == "a=1+2&b=%26");
  CHECK(form_encode({{"a b", ""}, {"c", " +~"}}) == "a+b=&c=+%2B~");
}
