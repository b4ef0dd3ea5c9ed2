#include "core/grant/policy_files.h"

#include <doctest/doctest.h>

#include "core/os/zone_data.h"
#include "core/policy/zone.h"
#include "tests/fakes/memory_files.h"

using namespace prodaccess;

TEST_CASE("policy.toml and policy.d of both layers, and the configuration's environments") {
  MemoryFiles files;
  files.make_folder("/etc/p/policy.d");
  files.make_folder("/home/p");
  files.write("/etc/p/policy.d/10.toml", "[[rule]]\nid = \"a\"\nverdict = \"deny\"\n");
  files.write("/etc/p/policy.d/ignored.txt", "not toml");
  files.write("/home/p/policy.toml", "[[rule]]\nid = \"b\"\nverdict = \"deny\"\n");
  Config config;
  config.self_governed = false;
  config.environments = {{"aws:1", {"staging"}}};
  const Policy policy = load_policy(files, {"/etc/p", "/home/p"}, config);
  CHECK(policy.system.size() == 1);
  CHECK(policy.user.size() == 1);
  CHECK_FALSE(policy.self_governed);
  CHECK(policy.environments.at("aws:1") == std::vector<std::string>{"staging"});
  CHECK(load_policy(files, {"/none", "/none"}, Config{}).self_governed);
}

TEST_CASE("zone data comes from the system's folder alone") {
  for (const char* name : {"", "/etc/passwd", "../../../etc/passwd", "Mars/Base", "Europe"}) {
    CAPTURE(name);
    CHECK_FALSE(read_zone_data(name));
  }
  if (const auto bytes = read_zone_data("Europe/Berlin")) {
    const auto zone = Zone::parse(*bytes);
    REQUIRE(zone);
    CHECK(zone->offset_at(parse_rfc3339("2026-07-01T00:00:00Z").value()) == Seconds{7200});
  } else {
    MESSAGE("not run: tzdata is not installed");
  }
}
