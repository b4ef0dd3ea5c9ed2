#include "core/policy/confirmation.h"

#include <doctest/doctest.h>

#include <set>

#include "core/base/error.h"

using namespace prodaccess;

namespace {

Invocation deletion(const std::vector<std::string>& names) {
  Invocation invocation;
  invocation.argv = {"kubectl", "delete", "deployment"};
  invocation.tool = "kubectl";
  invocation.action = "delete";
  invocation.effect = Effect::Destructive;
  for (const std::string& name : names) {
    invocation.targets.push_back({"kube", "", "prod-eu", "shop", "", "deployment", name});
  }
  return invocation;
}

ShortName name_for(const Invocation& invocation, std::optional<std::int64_t> counted = {}) {
  return short_name(invocation, summarize(invocation, counted));
}

std::string random(char fill) { return std::string(kChallengeRandom, fill); }

}  // namespace

TEST_CASE("what must be typed first") {
  CHECK(name_for(deletion({"api"})).text == "api");
  CHECK(name_for(deletion({"arn:aws:rds:eu-west-1:111122223333:db:orders-1"})).text == "orders-1");
  CHECK(name_for(deletion({std::string(25, 'x')})).text == "1");
  const ShortName two = name_for(deletion({"api", "web"}));
  CHECK(two.kind == ShortName::Kind::Count);
  CHECK(two.text == "2");
  CHECK(name_for(deletion({"caf\xc3\xa9"})).text == "1");  // not everybody can type that
  CHECK(name_for(deletion({"a b"})).text == "1");
  CHECK(name_for(deletion({"api"}), 37).text == "37");  // the preview found more behind the name

  Invocation pattern = deletion({"app=web"});
  pattern.targets[0].pattern = true;
  CHECK(name_for(pattern).kind == ShortName::Kind::Place);
  CHECK(name_for(pattern).text == "shop");
  CHECK(name_for(pattern, 12).text == "12");

  Invocation script = deletion({});
  script.argv = {"/opt/jobs/cleanup.sh"};
  CHECK(name_for(script).kind == ShortName::Kind::Program);
  CHECK(name_for(script).text == "cleanup.sh");
}

TEST_CASE("a compound counts the parts that do harm, not the reads beside them") {
  Invocation list;
  list.effect = Effect::Destructive;
  Invocation read = deletion({"looked-at"});
  read.effect = Effect::Read;
  list.parts = {read, deletion({"api"})};
  list.targets = list.parts[1].targets;  // a whole shows what its worst part acts on
  CHECK(name_for(list).text == "api");
}

TEST_CASE("challenges: four characters, none that looks like another, fair") {
  CHECK(make_challenge(std::string("\x00\x01\x02\x03", 4)) == "abcd");
  CHECK(make_challenge(std::string("\xff\xf8\x1e\x1e\x1e\x1e", 6)) == "9999");
  CHECK_THROWS_AS(make_challenge("abc"), Error);
  std::set<char> seen;
  for (int byte = 0; byte < 248; ++byte) {
    seen.insert(make_challenge(std::string(4, static_cast<char>(byte)))[0]);
  }
  CHECK(seen.size() == 31);
  for (const char c : std::string("ilo01")) CHECK(seen.count(c) == 0);
}

TEST_CASE("the dialog: name, then challenge") {
  ConfirmationDialog dialog({ShortName::Kind::Target, "api"}, 2, random('\x01'));
  using State = ConfirmationDialog::State;
  CHECK(dialog.expected() == "api");
  CHECK(dialog.answer(" api ", random('\x02')) == State::AskChallenge);
  CHECK(dialog.expected() == "bbbb");
  CHECK(dialog.answer("bbbb", random('\x03')) == State::Confirmed);
  CHECK(dialog.answer("bbbb", random('\x03')) == State::Confirmed);
}

TEST_CASE("three tries in all, a fresh challenge after each") {
  ConfirmationDialog dialog({ShortName::Kind::Target, "api"}, 2, random('\x01'));
  using State = ConfirmationDialog::State;
  CHECK(dialog.answer("yes", random('\x02')) == State::AskName);
  CHECK(dialog.answer("api", random('\x02')) == State::AskChallenge);
  CHECK(dialog.expected() == "cccc");
  CHECK(dialog.answer("bbbb", random('\x03')) == State::AskChallenge);
  CHECK(dialog.expected() == "dddd");
  CHECK(dialog.answer("cccc", random('\x04')) == State::Refused);
  CHECK(dialog.answer("eeee", random('\x04')) == State::Refused);
  ConfirmationDialog empty({ShortName::Kind::Target, "api"}, 1, random('\x01'));
  CHECK(empty.answer("", random('\x02')) == State::AskBoth);
  CHECK(empty.answer("api cccc", random('\x02')) == State::Confirmed);
}

TEST_CASE("one confirmation is the name and a challenge in one line") {
  using State = ConfirmationDialog::State;
  ConfirmationDialog dialog({ShortName::Kind::Target, "api"}, 1, random('\x01'));
  CHECK(dialog.expected() == "api bbbb");
  CHECK(dialog.answer("api", random('\x02')) == State::AskBoth);
  CHECK(dialog.expected() == "api cccc");
  CHECK(dialog.answer("api bbbb", random('\x03')) == State::AskBoth);
  CHECK(dialog.answer("dddd", random('\x04')) == State::Refused);
  ConfirmationDialog again({ShortName::Kind::Target, "api"}, 1, random('\x01'));
  CHECK(again.answer(" api bbbb ", random('\x02')) == State::Confirmed);
}

TEST_CASE("an answer serves once, for what it was given for, for a minute") {
  ConfirmationBinding binding{{"rm", "a b"}, "/bin/rm", "/home", "1", "rules", "preview"};
  const std::string digest = binding.digest();
  const BootTime at{Milliseconds{1000}};
  {
    Confirmed confirmed(digest, at);
    CHECK(confirmed.redeem(digest, at + Seconds{60}));
    CHECK_FALSE(confirmed.redeem(digest, at + Seconds{60}));
  }
  CHECK_FALSE(Confirmed(digest, at).redeem(digest, at + Milliseconds{60'001}));
  CHECK_FALSE(Confirmed(digest, at).redeem(digest, at - Milliseconds{1}));
  std::set<std::string> digests{digest};
  const auto changed = [&](auto change) {
    ConfirmationBinding other = binding;
    change(other);
    CHECK_FALSE(Confirmed(digest, at).redeem(other.digest(), at));
    digests.insert(other.digest());
  };
  changed([](ConfirmationBinding& b) { b.argv = {"rm", "a", "b"}; });
  changed([](ConfirmationBinding& b) { b.argv = {"rm a b"}; });
  changed([](ConfirmationBinding& b) { b.program = "/tmp/rm"; });
  changed([](ConfirmationBinding& b) { b.folder = "/"; });
  changed([](ConfirmationBinding& b) { b.account = "2"; });
  changed([](ConfirmationBinding& b) { b.rules_digest = "other"; });
  changed([](ConfirmationBinding& b) { b.preview_hash = "other"; });
  CHECK(digests.size() == 8);
}
