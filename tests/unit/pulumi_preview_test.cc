#include "core/policy/pulumi_preview.h"

#include <doctest/doctest.h>

#include "core/base/error.h"

using namespace prodaccess;

TEST_CASE("a saved plan of pulumi is counted by its steps") {
  const char* plan =
      R"({"manifest": {"resourcePlans": 1}, "resourcePlans": {
        "urn:a": {"goal": {"steps": "x", "deep": [{"op": "delete"}]}, "steps": ["same"]},
        "urn:b": {"steps": ["create-replacement", "replace", "delete-replaced"]},
        "urn:c": {"steps": ["delete"]}, "urn:d": {"steps": ["create"]}, "urn:e": {"steps": ["update"]},
        "urn:f": {"steps": ["something-new"]}, "urn:g": {"steps": ["discard"]}}})";
  const auto summary = summarize_pulumi_plan(plan);
  REQUIRE(summary);
  using Counts = std::map<std::string, std::int64_t>;
  CHECK(summary->counts ==
        Counts{{"replace", 1}, {"delete", 2}, {"create", 1}, {"update", 1}, {"forget", 1}});
  CHECK(summary->items.count({"delete", "urn:c"}) == 1);
  CHECK(summarize_plan(plan) == *summary);
}

TEST_CASE("a digest of pulumi is counted by its steps") {
  const auto summary = summarize_pulumi_digest(
      R"({"steps": [{"op": "delete", "urn": "urn:a", "oldState": {"op": 1}},
                    {"op": "same", "urn": "urn:b"}], "changeSummary": {"delete": 1}})");
  REQUIRE(summary);
  CHECK(summary->total() == 1);
  CHECK(summary->items.count({"delete", "urn:a"}) == 1);
}

TEST_CASE("what is no text of pulumi is none, and what is malformed is refused") {
  CHECK_FALSE(summarize_pulumi_plan("{}"));
  CHECK_FALSE(summarize_pulumi_plan(R"({"x": {"resourcePlans": {}}})"));
  CHECK_FALSE(summarize_pulumi_plan(R"(["resourcePlans"])"));
  CHECK_FALSE(summarize_pulumi_digest("the \"steps\" of it"));
  for (const char* text : {R"({"resourcePlans": []})", R"({"resourcePlans": {"a": {}}})",
                           R"({"resourcePlans": {"a": {"steps": "delete"}}})",
                           R"({"resourcePlans": {"a": {"steps": [1]}}})"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(summarize_pulumi_plan(text), Error);
  }
  for (const char* text : {R"({"steps": {}})", R"({"steps": [{"op": "delete"}]})",
                           R"({"steps": [{"op": 1, "urn": "a"}]})", R"({"steps": [1]})"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(summarize_pulumi_digest(text), Error);
  }
}
