#include "core/grant/pack_files.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/base/error.h"
#include "core/command/pack/pack_set.h"
#include "core/command/understand.h"
#include "tests/fakes/memory_files.h"

using namespace prodaccess;

namespace {

constexpr const char* kZap =
    "[[tool]]\nname = \"zap\"\nstyle = \"plain\"\npreview = \"none\"\nread = [\"list\"]\n"
    "destructive = [\"kill\"]\n";

Effect effect_of(const PackSet& packs, std::string_view line) {
  const Surroundings nothing;
  return understand_shell(line, packs, nothing).effect;
}

// The example of prodaccess-packs(5).
std::string example() {
  std::ifstream file(std::string(PRODACCESS_SOURCE_DIR) + "/man/examples/packs/shipit.toml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("packs come from the system's folder, or from the user's where there is none") {
  MemoryFiles files;
  files.make_folder("/etc/p/packs.d");
  files.make_folder("/home/p/packs.d");
  files.write("/home/p/packs.d/zap.toml", kZap);
  files.write("/home/p/packs.d/notes.txt", "not toml");
  PackSet governed;
  add_trusted_packs(governed, files, {"/etc/p", "/home/p"}, false);
  CHECK(effect_of(governed, "zap list") == Effect::Opaque);
  PackSet own;
  add_trusted_packs(own, files, {"/etc/p", "/home/p"}, true);
  CHECK(effect_of(own, "zap list") == Effect::Read);
  CHECK(effect_of(own, "zap kill x") == Effect::Destructive);
  CHECK(effect_of(own, "kubectl delete pod x") == Effect::Destructive);
  const auto listed = own.list();
  CHECK(std::any_of(listed.begin(), listed.end(), [](const PackSet::Listing& one) {
    return one.tool == "zap" && one.source == "/home/p/packs.d/zap.toml";
  }));
}

TEST_CASE("a pack that is wrong says where") {
  MemoryFiles files;
  files.make_folder("/home/p/packs.d");
  files.write("/home/p/packs.d/zap.toml",
              "[[tool]]\nname = \"zap\"\neffect = \"read\"\nefect = 1\n");
  PackSet packs;
  try {
    add_trusted_packs(packs, files, {"/etc/p", "/home/p"}, true);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("/home/p/packs.d/zap.toml:4:") != std::string::npos);
  }
}

TEST_CASE("the example of the manual is taken, and does what the manual says") {
  PackSet packs;
  packs.add(example(), "shipit.toml");
  const std::pair<const char*, Effect> expected[] = {
      {"shipit status", Effect::Read},
      {"shipit -n prod apps list", Effect::Read},
      {"shipit deploy web --tag 3", Effect::Write},
      {"shipit scale web --count 3", Effect::Write},
      {"shipit scale web --count=0", Effect::Destructive},
      {"shipit apps rm web", Effect::Destructive},
      {"shipit apps rm web --dry-run", Effect::Read},
      {"shipit apps set web --body '{\"spec\":{\"protected\":false}}'", Effect::Destructive},
      {"shipit apps set web --body '{\"spec\":{\"protected\":true}}'", Effect::Write},
      {"shipit secrets show db", Effect::Exfil},
      {"shipit run web -- rm -rf /data", Effect::Destructive},
      {"shipit run web -- ls", Effect::Read},
      {"shipit sql web 'drop table x'", Effect::Destructive},
      {"shipit upload /etc/shadow web", Effect::Exfil},
      {"shipit download web /etc/sudoers", Effect::Privilege},
      {"shipit explode", Effect::Opaque},
  };
  for (const auto& wanted : expected) {
    CHECK_MESSAGE(effect_of(packs, wanted.first) == wanted.second, wanted.first);
  }
  const Surroundings nothing;
  const Invocation removed = understand_shell("shipit -n prod apps rm a b", packs, nothing);
  CHECK(removed.preview.argv ==
        std::vector<std::string>{"shipit", "-n", "prod", "apps", "rm", "a", "b", "--dry-run"});
  CHECK(removed.count == 2);
  REQUIRE(removed.targets.size() == 2);
  CHECK(removed.targets[0].namespace_ == "prod");
}
