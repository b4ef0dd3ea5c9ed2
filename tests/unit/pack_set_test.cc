#include "core/command/pack/pack_set.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "tests/fakes/fake_inner.h"

using namespace prodaccess;

namespace {

// A tool of each kind of grammar, small enough to see through.
constexpr const char* kPack = R"(
[[tool]]
name = "zap"
aliases = ["zap2", "zapper-*"]
style = "cobra"
system = "zaps"
options = "-n|--namespace= -v|--verbose --token= --dry-run=? -h|--help"
secrets = "--token"
preview = "none"
read = ["list|ls", "show one,two"]
[tool.kinds]
gadget = "g gadgets"
[[tool.verb]]
path = "kill"
options = "-f|--force --count= --all"
effect = "destructive"
reversible = false
count = "$1.."
dry_run = "--dry-run=client|server"
target = "resource=$1.. namespace=-n"
preview = "native {command} --dry-run=server {rest}"
[[tool.verb]]
path = "resize"
options = "--to= --body= --mode="
effect = "write"
scale = "--to"
preview = "read zap list {+--namespace} {$1}"
rules = [
  { when = "--to=@zero", effect = "destructive", why = "to nothing", reversible = true },
  { when = "--body#spec.*.size=0", effect = "destructive" },
  { when = ["--mode=open*", "--to>100"], effect = "privilege" },
  { when = "env:ZAP_WILD=1", effect = "destructive", why = "wild" },
]
[[tool.verb]]
path = "session"
effect = "opaque"
interactive = true
inner = [{ as = "argv", from = "$--" }]

[[tool]]
name = "gnutool"
style = "gnu"
options = "-r|--recursive -a|--all --recurse-submodules -o|--output= -i|--in-place=?"
effect = "read"
preview = "none"
rules = [{ when = "-r", effect = "destructive" }, { when = "-o", effect = "write" }]

[[tool]]
name = "wrap"
style = "gnu"
options = "-u|--user="
stop_after = 1
assignments = true
wrapper = true
effect = "opaque"
interactive = true
inner = [{ as = "argv", from = "$1.." }]

[[tool]]
name = "seek"
style = "go"
options = "-name= -delete -exec=;"
effect = "read"
preview = "none"
rules = [{ when = "-delete", effect = "destructive" }]
inner = [{ as = "argv", from = "-exec", placeholder = "{}" }]

[[tool]]
name = "cloud"
style = "aws"
options = "--region= --debug"
help = ["--help", "$-1=help"]
[[tool.verb]]
path = "vm stop"
options = "--ids=* --dry-run"
effect = "destructive"
target = "kind=vm name=--ids region=--region"
dry_run = "--dry-run"
preview = { kind = "native", argv = "{command} --dry-run", tier = "wide", success = "DryRunOperation" }

[[tool]]
name = "teef"
style = "go"
options = "-chdir="
env_options = ["TEEF_ARGS_{verb}"]
preview = "none"
[[tool.verb]]
path = "plan"
options = "-destroy -out="
effect = "read"
rules = [{ when = "-destroy", effect = "destructive" }]

[[tool]]
name = "gut"
dashed = true
style = "git"
options = "-c= -C= --bare"
preview = "none"
[[tool.verb]]
path = "reset"
options = "--hard --soft -c="
effect = "write"
rules = [{ when = "--hard", effect = "destructive" }]

[[tool]]
name = "old"
style = "plain bundle-first"
options = "-x -f= -t -v"
effect = "opaque"
rules = [{ when = "-t", effect = "read" }, { when = "-x", effect = "write" }]
)";

Words words(std::string_view line) {
  Words result;
  for (const std::string& text : split(line, ' ')) {
    Word word(text);
    const auto mark = word.text.find('$');
    if (mark != std::string::npos) {  // "$X": unknown; "$U": unknown and split
      word.known = false;
      word.splits = word.text.substr(mark, 2) == "$U";
      word.text.erase(mark, 2);
    }
    result.push_back(word);
  }
  return result;
}

struct Fixture {
  PackSet packs;
  FakeInner inner{&packs};
  Fixture() { packs.add(kPack, "test.toml"); }
  Invocation match(std::string_view line) { return packs.match(words(line), inner); }
  std::string effect(std::string_view line) {
    return std::string(effect_name(worst_effect(match(line))));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what is unknown is opaque, and says why") {
  CHECK(effect("nosuchtool list") == "opaque");
  CHECK(match("nosuchtool").reasons.front().find("nosuchtool") != std::string::npos);
  CHECK(effect("zap frob") == "opaque");
  CHECK(effect("zap list --frob") == "opaque");
  CHECK(effect("zap $X") == "opaque");
  CHECK(effect("$X list") == "opaque");
  CHECK(effect("./zap list") == "opaque");
  CHECK(effect("/tmp/zap list") == "opaque");
  CHECK(effect("/usr/local/bin/zap list") == "read");
  CHECK(packs.match({}, inner).effect == Effect::Opaque);
}

TEST_CASE_FIXTURE(Fixture, "an unknown option does not hide the verb behind it") {
  CHECK(effect("zap kill g x --frob") == "destructive");
  CHECK(effect("zap kill --help --frob") == "destructive");
}

TEST_CASE_FIXTURE(Fixture, "verbs have aliases, and tools too") {
  CHECK(match("zap ls").action == "list");
  CHECK(match("zap2 ls").tool == "zap");
  CHECK(match("zapper-9 ls").tool == "zap");
  CHECK(match("zap show two").action == "show two");
  CHECK(effect("zap show") == "read");
  CHECK(effect("zap show three") == "opaque");
}

TEST_CASE_FIXTURE(Fixture, "global options stand anywhere, in every form") {
  for (const char* line : {"zap -n x kill g a", "zap kill -n x g a", "zap kill g a --namespace=x",
                           "zap kill g a -nx", "zap -n=x kill g a", "zap -vn x kill g a"}) {
    CAPTURE(line);
    const Invocation result = match(line);
    CHECK(result.action == "kill");
    REQUIRE(result.targets.size() == 1);
    CHECK(result.targets[0].namespace_ == "x");
    CHECK(result.targets[0].kind == "gadget");
    CHECK(result.targets[0].name == "a");
  }
}

TEST_CASE_FIXTURE(Fixture, "an option of the verb may stand before it") {
  CHECK(effect("zap --to=5 resize a") == "write");
}

TEST_CASE_FIXTURE(Fixture, "only the dry run that is in force, and that exists, is a read") {
  CHECK(effect("zap kill g a --dry-run=server") == "read");
  CHECK(effect("zap kill g a --dry-run=none") == "destructive");
  CHECK(effect("zap kill g a --dry-run=server --dry-run=none") == "destructive");
  CHECK(effect("zap kill g a --dry-run=none --dry-run=server") == "read");
  CHECK(effect("zap kill g a --dry-run=$X") == "destructive");
  CHECK(effect("zap kill g -- --dry-run=server") == "destructive");
  CHECK(effect("zap resize a --to 0 --dry-run=server") == "destructive");
}

TEST_CASE_FIXTURE(Fixture, "help is a read, but not after -- or when switched off") {
  CHECK(effect("zap kill g a --help") == "read");
  CHECK(effect("zap help kill") == "read");
  CHECK(effect("zap kill g -- --help") == "destructive");
  CHECK(effect("zap kill g a --help=false") == "destructive");
}

TEST_CASE_FIXTURE(Fixture, "argument rules: zero, globs, numbers, bodies, variables") {
  CHECK(effect("zap resize a --to 5") == "write");
  CHECK(effect("zap resize a --to=00") == "destructive");
  CHECK(match("zap resize a --to 7").scale == 7);
  CHECK(effect("zap resize a --to 101") == "privilege");
  CHECK(effect("zap resize a --mode openly") == "privilege");
  CHECK(effect("zap resize a --body {\"spec\":[{\"size\":0}]}") == "destructive");
  CHECK(effect("zap resize a --body {\"spec\":[{\"size\":1}]}") == "write");
  CHECK(effect("zap resize a --body not-json") == "opaque");
  inner.variables["ZAP_WILD"] = "1";
  CHECK(effect("zap resize a --to 5") == "destructive");
}

TEST_CASE_FIXTURE(Fixture, "a value that is not on the line counts for the worse") {
  CHECK(effect("zap resize a --to $X") == "opaque");
  CHECK(match("zap resize a --to $X").opaque_cause == OpaqueCause::Hidden);
  CHECK(effect("zap resize $U") == "opaque");
  CHECK(effect("zap list $U") == "read");
}

TEST_CASE_FIXTURE(Fixture, "attributes: count, reversible, secrets") {
  const Invocation result = match("zap kill a b c --token t");
  CHECK(result.count == 3);
  CHECK(result.reversible == false);
  CHECK(result.secret_words == std::vector<std::size_t>{6});
  CHECK(match("zap kill a $U").count == std::nullopt);
  CHECK(match("zap resize a --to 0").reversible == true);
}

TEST_CASE_FIXTURE(Fixture, "previews are made of the pack and known words only") {
  const Invocation native = match("zap kill g a -- b");
  CHECK(native.preview.kind == PreviewKind::Native);
  CHECK(native.preview.wide_tier);
  CHECK(native.preview.argv ==
        std::vector<std::string>{"zap", "kill", "g", "a", "--dry-run=server", "--", "b"});
  CHECK(match("zap kill g $X").preview.kind == PreviewKind::None);
  const Invocation read = match("zap resize a --to 0 -n x");
  CHECK(read.preview.argv == std::vector<std::string>{"zap", "list", "-n", "x", "a"});
  CHECK_FALSE(read.preview.wide_tier);
  CHECK(match("zap resize --to 0 -- -evil").preview.kind == PreviewKind::None);
  CHECK(match("cloud vm stop --ids a b").preview.success_text == "DryRunOperation");
}

TEST_CASE_FIXTURE(Fixture, "getopt_long: abbreviations, clusters, attached and optional values") {
  CHECK(effect("gnutool x") == "read");
  CHECK(effect("gnutool --recursiv x") == "destructive");
  CHECK(effect("gnutool --recurs x") == "opaque");  // two options begin so
  CHECK(effect("gnutool -ar x") == "destructive");
  CHECK(effect("gnutool -aofile x") == "write");
  CHECK(effect("gnutool -or x") == "write");
  CHECK(effect("gnutool -o -r x") == "write");
  CHECK(effect("gnutool -i -r x") == "destructive");
  CHECK(effect("gnutool -i.bak x") == "read");
  CHECK(effect("gnutool -- -r") == "read");
  CHECK(effect("gnutool --recursive=yes") == "destructive");
}

TEST_CASE_FIXTURE(Fixture, "a wrapper gives way to what it wraps") {
  const Invocation result = match("wrap -u app A=1 zap kill g a");
  CHECK(inner.asked.back() == "command A=1 zap kill g a");
  const Invocation plain = match("wrap -u app zap kill g a");
  CHECK(plain.tool == "zap");
  CHECK(plain.effect == Effect::Destructive);
  CHECK(plain.wrappers == std::vector<std::string>{"wrap -u app"});
  CHECK(match("wrap").interactive);
  CHECK(effect("wrap --frob zap list") == "opaque");
  CHECK(effect("wrap zap list --help") == "read");
}

TEST_CASE_FIXTURE(Fixture, "the words after -- become a part; without them it is a session") {
  CHECK(match("zap session").interactive);
  CHECK(effect("zap session") == "opaque");
  const Invocation result = match("zap session -- zap kill g a");
  CHECK(result.effect == Effect::Read);
  CHECK_FALSE(result.interactive);
  REQUIRE(result.parts.size() == 1);
  CHECK(result.parts[0].effect == Effect::Destructive);
}

TEST_CASE_FIXTURE(Fixture, "expressions: single-dash names and commands up to ;") {
  CHECK(effect("seek . -name x") == "read");
  CHECK(effect("seek . -delete") == "destructive");
  match("seek . -exec zap kill {} ;");
  CHECK(inner.asked.back() == "command zap kill <?>");
  CHECK(effect("seek . -exec zap list {} + -delete") == "destructive");
  CHECK(effect("seek . -exec zap list {}") == "read");  // to the end of the line
  match("seek . -exec zap kill {}");
  CHECK(inner.asked.back() == "command zap kill <?>");
}

TEST_CASE_FIXTURE(Fixture, "aws: lists of values, abbreviation, negation, unlisted options") {
  const Invocation result = match("cloud vm stop --ids a b --reg eu --other x y");
  REQUIRE(result.targets.size() == 2);
  CHECK(result.targets[1].name == "b");
  CHECK(result.targets[1].region == "eu");
  CHECK(effect("cloud vm stop --ids a --dry") == "read");
  CHECK(effect("cloud vm stop --ids a --dry-run --no-dry-run") == "destructive");
  CHECK(effect("cloud vm stop --ids a --no-dry-run --dry-run") == "read");
  CHECK(effect("cloud vm --region x stop --ids a") == "destructive");
  CHECK(effect("cloud vm stop help") == "read");
  CHECK(effect("cloud --other vm stop") == "destructive");
}

TEST_CASE_FIXTURE(Fixture, "a variable can add options") {
  CHECK(effect("teef plan") == "read");
  CHECK(effect("teef --chdir=x plan --destroy") == "destructive");
  inner.variables["TEEF_ARGS_plan"] = "-destroy -out=f";
  CHECK(effect("teef plan") == "destructive");
  CHECK(match("teef plan").argv == std::vector<std::string>{"teef", "plan"});
  inner.variables["TEEF_ARGS_plan"] = "-out \"$X\"";
  CHECK(effect("teef plan") == "opaque");
}

TEST_CASE_FIXTURE(Fixture, "globals only before the verb, and dashed programs") {
  CHECK(effect("gut -c a=b reset --har") == "destructive");
  CHECK(effect("gut-reset --hard") == "destructive");
  CHECK(match("gut-reset --hard").action == "reset");
  CHECK(effect("gut reset --bare") == "opaque");
  CHECK(effect("gut-frob") == "opaque");
}

TEST_CASE_FIXTURE(Fixture, "a first word without its dash is a cluster where the style says so") {
  CHECK(effect("old tvf a.tar") == "read");
  CHECK(effect("old xf a.tar") == "write");
  CHECK(effect("old -tf a.tar") == "read");
  CHECK(effect("old zz a.tar") == "opaque");
}

TEST_CASE_FIXTURE(Fixture, "listings name the tools, the verbs and where they come from") {
  const auto listings = packs.list();
  const auto has = [&](const char* tool, const char* verb, const char* effect, const char* source) {
    return std::any_of(listings.begin(), listings.end(), [&](const PackSet::Listing& one) {
      return one.tool == tool && one.verb == verb && one.effect == effect && one.source == source;
    });
  };
  CHECK(has("zap", "kill", "destructive", "test.toml"));
  CHECK(has("zap", "show two", "read", "test.toml"));
  CHECK(has("rm", "", "destructive", "coreutils 9.1 rm --help"));
  const auto tools = packs.tools();
  CHECK(std::find(tools.begin(), tools.end(), "zap2") != tools.end());
}

TEST_CASE("errors in a pack name file, line and column") {
  const auto error_of = [](const char* toml) -> std::string {
    PackSet packs;
    try {
      packs.add(toml, "p.toml");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::Policy);
      return error.what();
    }
    return "none";
  };
  const std::string head = "[[tool]]\nname = \"t\"\n";
  CHECK(error_of("[[tool]]\n") == "p.toml:1:1: 'name' is missing");
  CHECK(
      error_of((head + "effect = \"bad\"\n").c_str()).starts_with("p.toml:3:1: 'effect' must be"));
  CHECK(error_of((head + "efect = \"read\"\neffect = \"read\"\n").c_str()) ==
        "p.toml:3:1: unknown key 'efect'");
  CHECK(error_of((head + "style = \"odd\"\n").c_str()) == "p.toml:3:1: no style named 'odd'");
  CHECK(error_of((head + "effect = \"destructive\"\n").c_str()).find("no preview") !=
        std::string::npos);
  CHECK(error_of((head + "effect = \"read\"\noptions = \"x\"\n").c_str()) ==
        "p.toml:4:1: 'x' is no option");
  CHECK(
      error_of(
          (head + "effect = \"read\"\nrules = [{ when = \"--x\", effect = \"write\" }]\n").c_str())
          .find("no option named '--x'") != std::string::npos);
  CHECK(error_of((head + "read = [\"a\", \"a\"]\n").c_str()).find("described twice") !=
        std::string::npos);
  CHECK(error_of("x = ").starts_with("p.toml:1:"));
  CHECK(error_of((head + "[[tool.verb]]\npath = \"a\"\n").c_str()).find("has no effect") !=
        std::string::npos);
}
