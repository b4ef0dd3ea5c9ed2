#include "core/base/jwt.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/text.h"

using namespace prodaccess;

TEST_CASE("a token is put together over its canonical header and claims") {
  std::string covered;
  const Secret token =
      compact_jwt({{"typ", "JWT"}, {"alg", "RS256"}}, {{"sub", "ana"}}, [&](std::string_view text) {
        covered = text;
        return std::string("signature");
      });
  CHECK(covered ==
        base64url(R"({"alg":"RS256","typ":"JWT"})") + "." + base64url(R"({"sub":"ana"})"));
  CHECK(token.view() == covered + "." + base64url("signature"));
  const auto claims = unverified_claims(token.view());
  REQUIRE(claims);
  CHECK(claims->at("sub") == "ana");
}

TEST_CASE("what is no token has no claims") {
  const std::string claims = base64url(R"({"a":1})");
  CHECK(unverified_claims("h." + claims + ".s"));
  for (const std::string& text :
       {std::string(), claims, "h." + claims, "h." + claims + ".s.t", "h.." + claims,
        "h.*.s" + std::string(), "h." + base64url("[1]") + ".s",
        "h." + base64url("{\"a\":1,\"a\":2}") + ".s", "h." + base64url("\xff") + ".s"}) {
    CAPTURE(text);
    CHECK_FALSE(unverified_claims(text));
  }
}
