#include "core/grant/credential_template.h"

#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace prodaccess;

TEST_CASE("templates take the fields of a credential") {
  Credential credential;
  credential.fields.emplace("username", Secret(std::string_view("ana")));
  credential.fields.emplace("password", Secret(std::string_view("p{w}")));
  CHECK(fill_template("{username}", credential).view() == "ana");
  CHECK(fill_template("u={username};p={password}", credential).view() == "u=ana;p=p{w}");
  CHECK(fill_template("{{{username}}}", credential).view() == "{ana}");
  CHECK(fill_template("", credential).view().empty());
  CHECK(fill_template("plain", credential).view() == "plain");
  for (const char* bad : {"{token}", "{username", "}", "{"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(fill_template(bad, credential), Error);
  }
}
