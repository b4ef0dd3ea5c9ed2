#include "core/command/explain.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"

using namespace prodaccess;

namespace {

class EffectAsVerdict final : public VerdictSource {
  ExplainedVerdict verdict(const Invocation& invocation) override {
    return {std::string(effect_name(invocation.effect)), "rule", "file:1", {"because"}, {"rule"}};
  }
};

Json explained(const std::string& line) {
  static const PackSet kPacks;
  EffectAsVerdict verdicts;
  std::string out;
  JsonWriter json(out);
  write_explanation(json, line, understand_shell(line, kPacks, {}), verdicts);
  return parse_json_strictly(out, "explanation");
}

}  // namespace

TEST_CASE("explain: the object has every field, always") {
  for (const char* line : {"kubectl delete pod x -n prod", "", "$x", "echo 'a", "a; b", "> f"}) {
    const Json json = explained(line);
    for (const char* field :
         {"command", "effect", "kind", "verdict", "tool", "action", "targets", "reversible", "rule",
          "reasons", "preview", "parts", "considered", "count", "scale", "opaque_cause",
          "interactive", "runs_project_code", "wrappers"}) {
      CAPTURE(field);
      CHECK(json.contains(field));
    }
    CHECK(json["command"] == line);
    CHECK(json["rule"]["id"] == "rule");
    CHECK(json["rule"]["source"] == "file:1");
    CHECK(json["preview"].contains("kind"));
    CHECK(json["preview"].contains("argv"));
    CHECK(json["preview"].contains("tier"));
    CHECK(!json["reasons"].empty());
  }
}

TEST_CASE("explain: parts have the same form as the whole, with verdicts of their own") {
  const Json json = explained("kubectl get pods && kubectl delete pod x -n prod");
  CHECK(json["verdict"] == "destructive");
  CHECK(json["tool"] == "kubectl");
  CHECK(json["action"] == "delete");
  REQUIRE(json["parts"].size() == 2);
  CHECK(json["parts"][0]["verdict"] == "read");
  CHECK(json["parts"][0]["command"] == "kubectl get pods");
  CHECK(json["parts"][1]["targets"] == json["targets"]);
  CHECK(json["targets"][0]["namespace"] == "prod");
  CHECK(json["targets"][0]["name"] == "x");
}

TEST_CASE("explain: an opaque line says why") {
  const Json json = explained("echo $(a");
  CHECK(json["effect"] == "opaque");
  CHECK(json["opaque_cause"] == "limit");
  CHECK(json["reasons"].dump().find("not closed") != std::string::npos);
}
