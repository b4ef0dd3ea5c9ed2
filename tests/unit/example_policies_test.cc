// The example policies that are installed: they read, their tests pass, and no rule of them is
// idle.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "core/base/text.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"
#include "core/os/zone_data.h"
#include "core/policy/lint.h"
#include "core/policy/policy_tests.h"

using namespace prodaccess;

namespace {

const PackSet& packs() {
  static const PackSet all;
  return all;
}

Policy example(const std::string& name) {
  const std::string path = PRODACCESS_SOURCE_DIR "/man/examples/policy/" + name + ".toml";
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  REQUIRE(text.str().size() > 100);
  return assemble_policy({{path, text.str()}}, {}, true,
                         [](const std::string& zone) { return read_zone_data(zone); });
}

PolicyTestWorld world() {
  PolicyTestWorld world;
  world.understand = [](const PolicyTest& test) {
    const Surroundings nothing;
    return test.argv.empty() ? understand_shell(test.line, packs(), nothing)
                             : understand(CommandLine{test.argv}, packs(), nothing);
  };
  world.role = [](const std::string&) { return DecisionContext{}; };
  return world;
}

LintWorld lint_world() {
  LintWorld world;
  world.groups = {"budget", "data-protection", "release", "sre-leads"};
  auto verbs = std::make_shared<std::map<std::string, std::vector<std::string>>>();
  for (const PackSet::Listing& listing : packs().list()) {
    world.tools.insert(listing.tool);
    (*verbs)[listing.tool].push_back(listing.verb);
  }
  world.verbs = [verbs](const std::string& tool) { return (*verbs)[tool]; };
  return world;
}

}  // namespace

TEST_CASE("the example policies pass their own tests") {
  for (const char* name : {"cost", "sensitive-data", "untested-deploys", "deletion"}) {
    const Policy policy = example(name);
    const auto results = run_policy_tests(policy, world());
    CHECK(results.size() >= 4);
    for (const PolicyTestResult& result : results) {
      CAPTURE(result.position.text());
      CAPTURE(result.command);
      CHECK(join(result.differences, "; ") == "");
    }
    for (const LintFinding& finding : lint_policy(policy, lint_world())) {
      CAPTURE(finding.place);
      CHECK(finding.message == "");
    }
  }
}
