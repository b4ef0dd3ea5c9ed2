#include "core/os/environment.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

std::string change_of(const BuiltEnvironment& built, const std::string& name) {
  for (const EnvironmentChange& change : built.changes) {
    if (change.name != name) continue;
    switch (change.kind) {
      case EnvironmentChange::Kind::Kept: return "kept";
      case EnvironmentChange::Kind::Dropped: return "dropped: " + change.why;
      case EnvironmentChange::Kind::Set: return "set";
    }
  }
  return "absent";
}

}  // namespace

TEST_CASE("environment: what leads elsewhere is dropped, the rest stays in order") {
  const auto built = build_environment(
      {"HOME=/root", "AWS_ACCESS_KEY_ID=x", "AWS_REGION=eu-west-1", "LD_PRELOAD=/tmp/x.so",
       "VAULT_ADDR=http://evil", "PATH=/bin", "PYTHONSTARTUP=x", "BASH_FUNC_ls%%=() { :; }",
       "AWS_ENDPOINT_URL_S3=http://evil", "PAGER=evil", "TERM=xterm"},
      {}, {});
  CHECK(built.environment.plain ==
        std::vector<std::string>{"HOME=/root", "AWS_REGION=eu-west-1", "PATH=/bin", "TERM=xterm"});
  CHECK(change_of(built, "AWS_ACCESS_KEY_ID") == "dropped: rival credential");
  CHECK(change_of(built, "AWS_ENDPOINT_URL_S3") == "dropped: endpoint override");
  CHECK(change_of(built, "LD_PRELOAD") == "dropped: loader hook");
  CHECK(change_of(built, "BASH_FUNC_ls%%") == "dropped: interpreter hook");
  CHECK(change_of(built, "AWS_REGION") == "kept");
}

TEST_CASE("environment: the configuration keeps and drops, but our own secrets never stay") {
  const auto built = build_environment(
      {"PYTHONPATH=/x", "ACME_TOKEN=1", "PRODACCESS_PASSPHRASE=secret", "LD_LIBRARY_PATH=/y"},
      {{"ACME_*"}, {"PYTHONPATH", "PRODACCESS_*", "LD_LIBRARY_*"}}, {});
  CHECK(built.environment.plain == std::vector<std::string>{"PYTHONPATH=/x", "LD_LIBRARY_PATH=/y"});
  CHECK(change_of(built, "ACME_TOKEN") == "dropped: dropped by the configuration");
  CHECK(change_of(built, "PRODACCESS_PASSPHRASE") == "dropped: prodaccess's own");
}

TEST_CASE("environment: what the grant gives replaces what was there") {
  GrantVariables given;
  given.plain.emplace_back("AWS_REGION", "us-east-1");
  given.secret.emplace_back("AWS_SECRET_ACCESS_KEY", Secret("k"));
  const auto built = build_environment({"AWS_SECRET_ACCESS_KEY=old", "AWS_REGION=eu", "A=b"}, {},
                                       std::move(given));
  CHECK(built.environment.plain == std::vector<std::string>{"A=b", "AWS_REGION=us-east-1"});
  REQUIRE(built.environment.secret.size() == 1);
  CHECK(built.environment.secret[0].second.view() == "k");
  CHECK(change_of(built, "AWS_SECRET_ACCESS_KEY") == "set");
  CHECK(change_of(built, "AWS_REGION") == "set");
}

TEST_CASE("environment: a name stands once, and entries without a name go") {
  const auto built = build_environment({"A=1", "A=2", "=x", "novalue", "B="}, {}, {});
  CHECK(built.environment.plain == std::vector<std::string>{"A=1", "B="});
}

TEST_CASE("environment: names that only begin alike stay") {
  for (const char* name :
       {"LDFLAGS", "ENVIRONMENT", "PAGERDUTY_ID", "AWS_DEFAULT_REGION", "VAULTED",
        "PYTHONUNBUFFERED", "GITHUB_TOKEN", "SSH_AUTH_SOCK", "KUBECONFIG"}) {
    CAPTURE(name);
    CHECK(dropped_because(name).empty());
  }
}
