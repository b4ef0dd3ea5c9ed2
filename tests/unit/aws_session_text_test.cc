#include <doctest/doctest.h>

#include "core/base/error.h"
#include "providers/aws/session_text.h"

using namespace prodaccess;

TEST_CASE("AWS session words fit STS's pattern, whatever the person is called") {
  CHECK(session_word("ana.k@example.com") == "ana.k@example.com");
  CHECK(session_word("DOMAIN\\ana k") == "DOMAIN-ana-k");
  CHECK(session_word("\xc3\xbc") == "--");
  CHECK(session_word("a") == "a-");
  CHECK(session_word("").empty());
  CHECK(session_word(std::string(100, 'x')).size() == 64);
  CHECK(is_session_word("a-", 2, 64));
  CHECK_FALSE(is_session_word("a b", 2, 64));
  CHECK_FALSE(is_session_word("a", 2, 64));
}

TEST_CASE("AWS session tags keep letters and marks that STS takes") {
  CHECK(session_tag_text("fix INC-7: see a/b=c+d@e_f.g", 256) == "fix INC-7: see a/b=c+d@e_f.g");
  CHECK(session_tag_text("<a>; \"b\"\n", 256) == "_a__ _b__");
  CHECK(session_tag_text("f\xc3\xbc\xc3\x9f\x65 \xe6\x97\xa5 \xf0\x9f\x98\x80", 256) ==
        "f\xc3\xbc\xc3\x9f\x65 \xe6\x97\xa5 _");
  CHECK(session_tag_text("\xc3\xbc\xc3\xbc\xc3\xbc", 2) == "\xc3\xbc\xc3\xbc");
  CHECK(session_tag_text("a\xff", 256) == "a_xff");
}

TEST_CASE("AWS session templates name person, role, grant, reason and ticket") {
  const SessionWords words{"ana", "ops", "12345678", "why", "INC-7"};
  CHECK(fill_session_text("{person}-{role}-{grant}-{reason}-{ticket}-{{x}}", words) ==
        "ana-ops-12345678-why-INC-7-{x}");
  CHECK_THROWS_AS(fill_session_text("{host}", words), Error);
  CHECK_THROWS_AS(fill_session_text("{person", words), Error);
}
