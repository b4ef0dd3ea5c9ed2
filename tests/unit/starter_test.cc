#include "cli/starter.h"

#include <doctest/doctest.h>

#include "core/base/config_table.h"
#include "core/base/error.h"

using namespace prodaccess;

TEST_CASE("a starter has one role of each provider, and names it in its first lines") {
  for (const StarterQuestion& question : starter_questions()) {
    StarterAnswers answers;
    answers.provider = question.provider;
    const std::string text = starter_configuration(answers);
    CHECK(text.find("[roles." + question.role + "]") != std::string::npos);
    CHECK(text.find("--role " + question.role + " ") != std::string::npos);
    CHECK(text.find('"' + question.example + '"') != std::string::npos);
    CHECK_NOTHROW(parse_toml(text, "starter.toml", ErrorCode::Config));
  }
}

TEST_CASE("whatever is answered stays one string") {
  for (const char* answer : {"\"", "\\", "a\nb = 1", "x\" }\n[roles.evil]", "\x1b[2J", "ä"}) {
    StarterAnswers answers;
    answers.target = answer;
    const std::string text = starter_configuration(answers);
    CHECK(text.find("\n[roles.evil]") == std::string::npos);
    CHECK_NOTHROW(parse_toml(text, "starter.toml", ErrorCode::Config));
  }
}

TEST_CASE("a provider that init does not know is refused with those that it does") {
  StarterAnswers answers;
  answers.provider = "acme";
  CHECK_THROWS_AS(starter_configuration(answers), Error);
}
