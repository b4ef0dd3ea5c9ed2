#include "core/command/understand.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/command/pack/pack_set.h"

using namespace prodaccess;

namespace {

using Argv = std::vector<std::string>;

const PackSet& packs() {
  static const PackSet kPacks;
  return kPacks;
}

Invocation line(std::string_view text, const Surroundings& surroundings = {}) {
  return understand_shell(text, packs(), surroundings);
}

Invocation words(std::vector<std::string> argv, const Surroundings& surroundings = {}) {
  return understand(CommandLine{std::move(argv)}, packs(), surroundings);
}

bool says(const Invocation& invocation, std::string_view text) {
  for (const std::string& reason : invocation.reasons) {
    if (reason.find(text) != std::string::npos) return true;
  }
  return false;
}

std::string times(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

}  // namespace

TEST_CASE("understand: the words of an argv are taken as they are") {
  CHECK(words({"echo", "$(rm -rf /)"}).effect == Effect::Read);
  CHECK(words({"echo", ">", "f"}).effect == Effect::Read);
  CHECK(words({"rm", "-rf", "/srv/x; echo"}).effect == Effect::Destructive);
  CHECK(words({"r''m", "x"}).effect == Effect::Opaque);
  CHECK(words({}).effect == Effect::Opaque);
  CHECK(words({""}).effect == Effect::Opaque);
  CHECK(words({"A=1", "rm", "x"}).effect == Effect::Opaque);
}

TEST_CASE("understand: one command stands for itself, several are the worst of their parts") {
  const Invocation one = line("kubectl delete pod x -n prod");
  CHECK(one.tool == "kubectl");
  CHECK(one.action == "delete");
  CHECK(one.parts.empty());
  const Invocation two = line("kubectl get pods; kubectl delete pod x -n prod");
  CHECK(two.tool.empty());
  CHECK(two.argv.empty());
  REQUIRE(two.parts.size() == 2);
  CHECK(two.effect == Effect::Destructive);
  CHECK(two.parts[0].effect == Effect::Read);
  CHECK(two.targets == two.parts[1].targets);
  CHECK(two.preview.argv == two.parts[1].preview.argv);
}

TEST_CASE("understand: a wrapper is taken off and remembered") {
  const Invocation invocation = line("sudo -u app timeout 5 kubectl delete pod x");
  CHECK(invocation.tool == "kubectl");
  REQUIRE(invocation.wrappers.size() == 2);
  CHECK(invocation.wrappers[0] == "sudo -u app");
  CHECK(invocation.wrappers[1] == "timeout 5");
  CHECK(invocation.argv.front() == "kubectl");
}

TEST_CASE("understand: what cannot be followed is a limit that nothing lowers") {
  for (const std::string& text :
       {std::string("kubectl get pods 'x"), "kubectl get pods; " + times("$(", 10000),
        times("a;", 20000), std::string("kubectl get \xff"), std::string("kubectl get\0 pods", 17),
        "f0() { :; }; " + std::string("f() { f; }; f")}) {
    const Invocation invocation = line(text);
    CHECK(invocation.effect >= Effect::Opaque);
    CHECK(invocation.opaque_cause == OpaqueCause::Limit);
    CHECK(says(invocation, "cannot be followed"));
  }
  const Invocation known = line("rm -rf /srv/x; echo 'a");
  CHECK(known.effect == Effect::Destructive);
  CHECK(known.opaque_cause == OpaqueCause::Limit);
}

TEST_CASE("understand: commands inside commands end at a limit") {
  std::string text = "kubectl get pods";
  for (int i = 0; i < 40; ++i) text = "sudo " + text;
  const Invocation deep = line(text);
  CHECK(deep.effect == Effect::Opaque);
  CHECK(deep.opaque_cause == OpaqueCause::Limit);
  CHECK(line("sudo sudo sudo kubectl get pods").effect == Effect::Read);
}

TEST_CASE("understand: a hidden command word is hidden, an unknown program only unknown") {
  CHECK(line("$x y").opaque_cause == OpaqueCause::Hidden);
  CHECK(line("/bin/r[m] y").opaque_cause == OpaqueCause::Hidden);
  CHECK(line("nosuchprogram y").opaque_cause == OpaqueCause::Unknown);
  CHECK(line("sh -c \"$x\"").opaque_cause == OpaqueCause::Hidden);
  CHECK(line("sh -c \"rm /srv/x; $x\"").effect == Effect::Destructive);
}

TEST_CASE("understand: files named on the line are judged by their content") {
  Surroundings surroundings;
  surroundings.read_file = [](const std::string& path) -> std::optional<std::string> {
    if (path == "/tmp/good.sh") return "kubectl get pods\n";
    if (path == "/tmp/bad.sh") return "kubectl delete ns prod\n";
    return std::nullopt;
  };
  CHECK(line("sh /tmp/good.sh", surroundings).effect == Effect::Read);
  CHECK(line("sh /tmp/bad.sh", surroundings).effect == Effect::Destructive);
  CHECK(line("sh < /tmp/bad.sh", surroundings).effect == Effect::Destructive);
  CHECK(line("sh /tmp/none.sh", surroundings).effect == Effect::Opaque);
  CHECK(line("sh /tmp/*.sh", surroundings).effect == Effect::Opaque);
  CHECK(line("sh /tmp/good.sh").effect == Effect::Opaque);
}

TEST_CASE("understand: standing input is judged where it is known") {
  Surroundings surroundings;
  surroundings.standard_input = "rm -rf /srv/x";
  CHECK(words({"sh", "-s"}, surroundings).effect == Effect::Destructive);
  CHECK(line("sh", surroundings).effect == Effect::Destructive);
  CHECK(line("sudo sh", surroundings).effect == Effect::Destructive);
  CHECK(line("echo kubectl get pods | sh", surroundings).effect == Effect::Read);
  CHECK(line("nosuchprogram | sh", surroundings).effect == Effect::Opaque);
}

TEST_CASE("understand: the environment that comes along is known to local shells alone") {
  Surroundings surroundings;
  surroundings.environment = {{"VERB", "delete"}, {"HOME", "/home/u"}};
  CHECK(line("kubectl $VERB pod x", surroundings).effect == Effect::Destructive);
  CHECK(words({"sh", "-c", "kubectl $VERB pod x"}, surroundings).effect == Effect::Destructive);
  surroundings.environment["VERB"] = "get";
  CHECK(line("kubectl $VERB pods", surroundings).effect == Effect::Read);
  CHECK(words({"ssh", "host", "kubectl $VERB pods"}, surroundings).effect == Effect::Opaque);
  CHECK(line("VERB=get sh -c 'kubectl $VERB pods'").effect == Effect::Read);
}

TEST_CASE("understand: emptying a file has a preview and names the file") {
  const Invocation invocation = line(": > /srv/x");
  CHECK(invocation.effect == Effect::Destructive);
  REQUIRE(invocation.targets.size() == 1);
  CHECK(invocation.targets[0].name == "/srv/x");
  CHECK(invocation.preview.kind == PreviewKind::Read);
  CHECK(invocation.preview.argv == std::vector<std::string>{"ls", "-l", "--", "/srv/x"});
}

TEST_CASE("understand: long lines stay cheap") {
  CHECK(line(times("> f ", 100000)).effect == Effect::Destructive);
  CHECK(line("echo " + times("word ", 200000)).effect == Effect::Read);
  CHECK(line(times("sudo ", 200000) + "echo").effect == Effect::Opaque);
  CHECK(line(times("echo `echo x`;", 50000)).opaque_cause == OpaqueCause::Limit);
}

TEST_CASE("understand: the AWS CLI's alias file says what a word stands for") {
  Surroundings surroundings;
  surroundings.environment["HOME"] = "/home/a";
  surroundings.read_file = [](const std::string& path) -> std::optional<std::string> {
    if (path != "/home/a/.aws/cli/alias") return std::nullopt;
    return "# mine\n[toplevel]\nwhoami = sts get-caller-identity\n"
           "nuke = rds delete-db-instance\n  --skip-final-snapshot\nwild = !rm -rf /srv\ns3 = s3 "
           "rm\n"
           "[command ec2]\nls = describe-instances\nstop = terminate-instances\n";
  };
  const auto effect = [&](std::string_view text) { return line(text, surroundings).effect; };
  CHECK(effect("aws whoami") == Effect::Read);
  CHECK(effect("aws --profile nuke whoami") == Effect::Read);
  CHECK(effect("aws --region x nuke --db-instance-identifier d") == Effect::Destructive);
  CHECK(effect("aws wild") == Effect::Destructive);
  CHECK(effect("aws ec2 ls --region x") == Effect::Read);
  CHECK(effect("aws ec2 stop --instance-ids i-1") == Effect::Destructive);
  CHECK(effect("aws ec2 describe-vpcs") == Effect::Read);
  CHECK(effect("aws s3 ls s3://b") >= Effect::Opaque);  // an alias hides the command of its name
  CHECK(effect("aws unknown") == Effect::Opaque);
  CHECK(line("aws whoami").effect == Effect::Opaque);
}

bool previews_anything(const Invocation& invocation) {
  return invocation.preview.kind != PreviewKind::None ||
         std::any_of(invocation.parts.begin(), invocation.parts.end(), previews_anything);
}

TEST_CASE("understand: what runs elsewhere is not previewed here") {
  for (const char* text :
       {"ssh db rm -r /x", "docker exec db rm -r /x", "kubectl exec p -- rm -r /x",
        "chroot /m rm -r /x", "docker exec db sh -c 'rm -r /x'", "ssh db 'ls; rm -r /x'",
        "ssh db -- rm -r /x", "sudo ssh db rm -r /x", "podman run -v /:/h img rm -r /x",
        "nsenter -t 1 -m rm -r /x"}) {
    CAPTURE(text);
    const Invocation elsewhere = line(text);
    CHECK(elsewhere.effect == Effect::Destructive);
    CHECK_FALSE(previews_anything(elsewhere));
  }
  for (const char* text :
       {"rm -r /x", "sudo rm -r /x", "sh -c 'rm -r /x'", "bash -c 'ls; rm -r /x'",
        "true && rm -r /x", "find . -exec rm -r /x ;", "timeout 5 rm -r /x"}) {
    CAPTURE(text);
    CHECK(line(text).preview.kind == PreviewKind::Read);
  }
}

TEST_CASE("a preview is of what the command does, in its own folder and environment") {
  const PackSet packs;
  const Surroundings surroundings;
  const auto preview = [&](const std::string& line) {
    return understand_shell(line, packs, surroundings).preview;
  };
  CHECK(preview("sh -c 'rm -rf x'").kind == PreviewKind::Read);
  CHECK(preview("sh -c 'echo now; rm -rf x'").kind == PreviewKind::Read);
  CHECK(preview("sh -c 'cd /srv && rm -rf x'").kind == PreviewKind::None);
  CHECK(preview("cd /srv; rm -rf x").kind == PreviewKind::None);
  CHECK(preview("sh -c 'KUBECONFIG=/k kubectl delete pod x'").kind == PreviewKind::None);
  CHECK(preview("sh -c 'export KUBECONFIG=/k; kubectl delete pod x'").kind == PreviewKind::None);
  CHECK(preview("sh -c 'kubectl delete pod x'").kind == PreviewKind::Native);
  CHECK(preview("env KUBECONFIG=/k timeout 9 kubectl delete pod x").argv ==
        Argv{"env", "KUBECONFIG=/k", "timeout", "9", "kubectl", "delete", "pod", "x",
             "--dry-run=server", "-o", "name"});
}

TEST_CASE("apply is opaque until its plan has been read, and a saved plan is not made anew") {
  const PackSet packs;
  Surroundings surroundings;
  const Invocation fresh =
      understand_shell("tofu -chdir=infra apply -target=a.b -auto-approve", packs, surroundings);
  CHECK(fresh.effect == Effect::Opaque);
  CHECK(fresh.preview.kind == PreviewKind::Plan);
  CHECK(fresh.preview.argv == Argv{"tofu", "-chdir=infra", "plan", "-input=false", "-no-color",
                                   "-out={plan}", "-target=a.b"});
  CHECK(fresh.preview.folded == Argv{"TF_CLI_ARGS", "TF_CLI_ARGS_*"});
  const Preview saved =
      understand_shell("terraform -chdir=infra apply -lock=false p", packs, surroundings).preview;
  CHECK(saved.argv.empty());
  CHECK(saved.saved_plan == "infra/p");
  CHECK(saved.apply_argv ==
        Argv{"terraform", "-chdir=infra", "apply", "-input=false", "-lock=false", "{plan}"});
  surroundings.environment["TF_CLI_ARGS_apply"] = "-destroy";
  const Invocation added = understand_shell("terraform apply", packs, surroundings);
  CHECK(added.effect == Effect::Destructive);
  CHECK(added.preview.argv.back() == "-destroy");
  surroundings.environment["TF_CLI_ARGS_apply"] = "'-target=$x'";  // quoting is not followed
  CHECK(understand_shell("terraform apply", packs, surroundings).preview.kind == PreviewKind::None);
}

TEST_CASE("a preview looks where its command would act") {
  const std::pair<const char*, Argv> cases[] = {
      {"aws --endpoint-url http://x --region r s3 rb s3://b",
       {"aws", "s3", "ls", "s3://b", "--recursive", "--summarize", "--region", "r",
        "--endpoint-url", "http://x"}},
      {"docker -H tcp://h rm web", {"docker", "-H", "tcp://h", "container", "inspect", "web"}},
      {"podman rm web", {"podman", "container", "inspect", "web"}},
      {"docker compose -f a -p x down", {"docker", "compose", "-f", "a", "-p", "x", "ps", "-a"}},
      {"git -C /x branch -D y", {"git", "-C", "/x", "branch", "-vv"}},
      {"bq --project_id p rm -r d",
       {"bq", "--project_id", "p", "show", "--format=prettyjson", "d"}},
      {"gsutil -u p rm gs://b/x", {"gsutil", "-u", "p", "ls", "-lr", "gs://b/x"}},
      {"redis-cli -u redis://h FLUSHALL", {"redis-cli", "-u", "redis://h", "DBSIZE"}},
  };
  for (const auto& wanted : cases) {
    CHECK_MESSAGE(line(wanted.first).preview.argv == wanted.second, wanted.first);
  }
}
