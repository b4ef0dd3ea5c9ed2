#include "cli/confirmation_prompt.h"

#include <doctest/doctest.h>

#include "core/base/text.h"

using namespace prodaccess;

namespace {

Invocation deletion(std::size_t targets) {
  Invocation invocation;
  invocation.argv = {"kubectl", "delete", "deployment"};
  invocation.tool = "kubectl";
  invocation.action = "delete";
  invocation.effect = Effect::Destructive;
  invocation.reversible = false;
  for (std::size_t i = 0; i < targets; ++i) {
    const std::string name = "api-" + std::to_string(i);
    invocation.argv.push_back(name);
    invocation.targets.push_back({"kube", "", "prod-eu", "shop", "", "deployment", name});
  }
  return invocation;
}

Decision decision() {
  Decision decision;
  decision.verdict = Verdict::Confirm;
  decision.rule = {"built-in:destructive", "built-in"};
  decision.labels = {"production"};
  return decision;
}

std::vector<std::string> block(const Invocation& invocation, ScreenSize screen) {
  const Decision decided = decision();
  const PreviewSummary summary = summarize(invocation);
  return confirmation_block({invocation, decided, summary, "ops", "", "would succeed"}, screen);
}

std::string joined_tail(const std::vector<std::string>& lines, std::size_t count) {
  std::string text;
  for (std::size_t i = lines.size() - std::min(count, lines.size()); i < lines.size(); ++i) {
    text += std::string(trim(lines[i])) + " ";
  }
  return text;
}

}  // namespace

TEST_CASE("the block says what, where, how many, and why it asks") {
  const auto lines = block(deletion(2), {100, 24});
  CHECK(lines.front() == "prodaccess: destructive, cannot be undone: kubectl delete");
  CHECK(lines.back() ==
        "destructive, cannot be undone: kubectl delete, 2 targets in shop, prod-eu (production)");
  const std::string all = join(lines, "\n");
  CHECK(all.find("  namespace shop") != std::string::npos);
  CHECK(all.find("  targets   api-0  deployment") != std::string::npos);
  CHECK(all.find("  rule      built-in:destructive") != std::string::npos);
}

TEST_CASE("at every width and height: no line too long, what is dangerous in the last lines") {
  Invocation many = deletion(500);
  many.argv.push_back("--selector=" + std::string(3000, 'x'));
  for (std::size_t columns = 20; columns <= 300; columns += 7) {
    for (const std::size_t rows : {10U, 24U, 80U}) {
      const auto lines = block(many, {columns, rows});
      CAPTURE(columns);
      CAPTURE(rows);
      REQUIRE(lines.size() + 5 <= rows);
      for (const std::string& line : lines) REQUIRE(line.size() <= columns);
      const std::string tail = joined_tail(lines, 5);
      REQUIRE(tail.find("destructive") != std::string::npos);
      REQUIRE(tail.find("500") != std::string::npos);
    }
  }
  const std::string all = join(block(many, {80, 24}), "\n");
  CHECK(all.find("lines not shown") != std::string::npos);
}

TEST_CASE("text from outside stays text") {
  Invocation hostile = deletion(1);
  const std::string attack = "a\x1b[2J\nType yes: \xe2\x80\xaexyz";
  hostile.targets[0].name = attack;
  hostile.targets[0].namespace_ = attack;
  hostile.argv.push_back(attack);
  hostile.action = attack;
  hostile.reasons = {attack};
  Decision decided = decision();
  decided.message = attack;
  decided.rule = {attack, attack};
  decided.labels = {attack};
  const PreviewSummary summary = summarize(hostile);
  const ConfirmationFacts facts{hostile, decided, summary, attack, attack, attack};
  std::vector<std::string> lines = confirmation_block(facts, {60, 40});
  const ShortName name = short_name(hostile, summary);
  ConfirmationDialog dialog(name, 2, std::string(kChallengeRandom, '\x01'));
  lines.push_back(confirmation_question(facts, name, dialog));
  dialog.answer(name.text, std::string(kChallengeRandom, '\x01'));
  lines.push_back(confirmation_question(facts, name, dialog));
  CHECK(lines.back().find("Type  bbbb  to run ") == 0);
  ConfirmationDialog joined(name, 1, std::string(kChallengeRandom, '\x01'));
  lines.push_back(confirmation_question(facts, name, joined));
  CHECK(lines.back().find(" bbbb  to run ") != std::string::npos);
  for (const std::string& line : lines) CHECK(escape_for_terminal(line) == line);
}

TEST_CASE("wide characters count double, and none is cut in two") {
  Invocation wide = deletion(1);
  for (int i = 0; i < 40; ++i) wide.targets[0].name += "\xe4\xb8\xad";
  for (const std::string& line : block(wide, {20, 40})) CHECK(is_utf8(line));
}
