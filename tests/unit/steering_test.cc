#include "core/command/steering.h"

#include <doctest/doctest.h>

using namespace prodaccess;

namespace {

Invocation part(std::string tool, Effect effect, std::vector<std::string> argv) {
  Invocation invocation;
  invocation.tool = std::move(tool);
  invocation.effect = effect;
  invocation.argv = std::move(argv);
  return invocation;
}

using Texts = std::map<std::string, std::string>;
using Names = std::set<std::string>;

}  // namespace

TEST_CASE("a tool's own variables and files steer its commands") {
  const Invocation deletion = part("kubectl", Effect::Destructive, {"kubectl", "delete", "x"});
  const Steering home = steering_of(deletion, {{"HOME", "/home/ana"}, {"PGHOST", "db"}});
  CHECK(home.variables.empty());
  CHECK(home.files == Names{"/home/ana/.kube/config"});
  const Steering named =
      steering_of(deletion, {{"HOME", "/home/ana"}, {"KUBECONFIG", "/a::b"}, {"HELM_X", "1"}});
  CHECK(named.variables == Texts{{"KUBECONFIG", "/a::b"}, {"HELM_X", "1"}});
  CHECK(named.files == Names{"/a", "b"});
  const Steering sql = steering_of(part("psql", Effect::Destructive, {"psql"}),
                                   {{"PGHOSTADDR", "127.0.0.1"}, {"PGPORT", ""}, {"TERM", "x"}});
  CHECK(sql.variables.contains("PGHOSTADDR"));
  CHECK_FALSE(sql.variables.contains("TERM"));
  CHECK(sql.files.empty());  // there is no home folder
}

TEST_CASE("an opaque command is bound to the files that it names, another is not") {
  const std::vector<std::string> argv{"run.sh", "-v", "--file=a", "@b", "file://c", "KEY=d"};
  CHECK(steering_of(part("", Effect::Opaque, argv), {}).files ==
        Names{"run.sh", "a", "b", "c", "KEY=d"});
  CHECK(steering_of(part("", Effect::Destructive, argv), {}).files.empty());
  Invocation whole = part("", Effect::Destructive, {"env", "x"});
  whole.parts.push_back(part("", Effect::Opaque, {"python3", "x.py"}));
  CHECK(steering_of(whole, {}).files == Names{"python3", "x.py"});
  // What a plan is made from is in the plan, which is shown and applied as it is.
  Invocation planned = part("", Effect::Opaque, {"apply", "saved"});
  planned.preview.kind = PreviewKind::Plan;
  CHECK(steering_of(planned, {}).files.empty());
}
