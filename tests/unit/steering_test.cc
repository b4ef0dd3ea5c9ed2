#include "core/command/steering.h"

#include <doctest/doctest.h>

#include "core/command/understand.h"

using namespace prodaccess;

namespace {

Invocation part(std::string tool, Effect effect, std::vector<std::string> argv) {
  Invocation invocation;
  invocation.tool = std::move(tool);
  invocation.effect = effect;
  invocation.argv = std::move(argv);
  return invocation;
}

const PackSet& built_in() {
  static const PackSet packs;
  return packs;
}

using Texts = std::map<std::string, std::string>;
using Names = std::set<std::string>;

}  // namespace

TEST_CASE("a tool's own variables and files steer its commands") {
  const Invocation deletion = part("kubectl", Effect::Destructive, {"kubectl", "delete", "x"});
  const Steering home =
      steering_of(deletion, built_in(), {{"HOME", "/home/ana"}, {"PGHOST", "db"}});
  CHECK(home.variables.empty());
  CHECK(home.files == Names{"/home/ana/.kube/config"});
  const Steering named = steering_of(
      deletion, built_in(), {{"HOME", "/home/ana"}, {"KUBECONFIG", "/a::b"}, {"HELM_X", "1"}});
  CHECK(named.variables == Texts{{"KUBECONFIG", "/a::b"}, {"HELM_X", "1"}});
  CHECK(named.files == Names{"/a", "b"});
  const Steering sql = steering_of(part("psql", Effect::Destructive, {"psql"}), built_in(),
                                   {{"PGHOSTADDR", "127.0.0.1"}, {"PGPORT", ""}, {"TERM", "x"}});
  CHECK(sql.variables.contains("PGHOSTADDR"));
  CHECK_FALSE(sql.variables.contains("TERM"));
  CHECK(sql.files.empty());  // there is no home folder
}

TEST_CASE("an opaque command is bound to the files that it names, another is not") {
  const std::vector<std::string> argv{"run.sh", "-v", "--file=a", "@b", "file://c", "KEY=d"};
  CHECK(steering_of(part("", Effect::Opaque, argv), built_in(), {}).files ==
        Names{"run.sh", "a", "b", "c", "KEY=d"});
  CHECK(steering_of(part("", Effect::Destructive, argv), built_in(), {}).files.empty());
  Invocation whole = part("", Effect::Destructive, {"env", "x"});
  whole.parts.push_back(part("", Effect::Opaque, {"python3", "x.py"}));
  CHECK(steering_of(whole, built_in(), {}).files == Names{"python3", "x.py"});
  // What a plan is made from is in the plan, which is shown and applied as it is.
  Invocation planned = part("", Effect::Opaque, {"apply", "saved"});
  planned.preview.kind = PreviewKind::Plan;
  CHECK(steering_of(planned, built_in(), {}).files.empty());
}

TEST_CASE("every program of a tool is steered by what its pack says, also a pack of one's own") {
  const std::map<std::string, std::string, std::less<>> home{{"HOME", "/home/ana"}};
  Surroundings nowhere;
  for (const char* program : {"kubectl", "oc", "helm", "velero", "istioctl"}) {
    const Invocation deletion =
        understand(CommandLine{{program, "delete", "x"}}, built_in(), nowhere);
    CHECK_MESSAGE(steering_of(deletion, built_in(), home).files.contains("/home/ana/.kube/config"),
                  program);
  }
  for (const char* program : {"make", "just", "mvn", "fab"}) {
    const Invocation build = understand(CommandLine{{program, "all"}}, built_in(), nowhere);
    CHECK_MESSAGE(steering_of(build, built_in(), home).files.contains("Makefile"), program);
  }
  PackSet packs;
  packs.add(
      "[[tool]]\nname = \"zap\"\nsteered_by = { variables = \"ZAP_*\", files = \"$ZAP_FILE|zap.ini "
      "$ZAP_MORE\" }\n"
      "read = [\"list\"]\n",
      "zap.toml");
  const Invocation own = part("zap", Effect::Destructive, {"zap"});
  CHECK(steering_of(own, packs, {}).files == Names{"zap.ini"});
  const Steering set = steering_of(own, packs, {{"ZAP_FILE", "/a"}, {"HOME", "/home/ana"}});
  CHECK(set.files == Names{"/a"});
  CHECK(set.variables == Texts{{"ZAP_FILE", "/a"}});
}
