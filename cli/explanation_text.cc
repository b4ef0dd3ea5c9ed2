#include "cli/explanation_text.h"

#include "core/base/text.h"
#include "core/command/command_line.h"
#include "core/command/explain.h"

namespace prodaccess {
namespace {

constexpr std::size_t kMostTargets = 20;
constexpr std::size_t kDeepestShown = 8;

class Page {
 public:
  void row(const std::string& label, const std::string& text) {
    if (text.empty()) return;
    std::string line = indent_ + label;
    if (label.size() < 10) line.append(10 - label.size(), ' ');
    rows_.push_back(line + " " + text);
  }
  void rows(const std::string& label, const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) row(i == 0 ? label : "", texts[i]);
  }
  void deeper() { indent_ += "  "; }
  void shallower() { indent_.resize(indent_.size() - 2); }
  std::vector<std::string> take() { return std::move(rows_); }
  std::size_t depth() const { return indent_.size() / 2; }

 private:
  std::string indent_;
  std::vector<std::string> rows_;
};

std::string effect_text(const Invocation& invocation) {
  std::string text(effect_name(invocation.effect));
  if (!invocation.kind.empty()) text += ", " + invocation.kind;
  if (invocation.reversible) text += *invocation.reversible ? ", reversible" : ", irreversible";
  if (invocation.count && *invocation.count > 1) text += ", " + std::to_string(*invocation.count);
  if (invocation.interactive) text += ", interactive";
  if (invocation.runs_project_code) text += ", runs code of the project";
  return text;
}

std::string preview_text(const Invocation& invocation) {
  const Preview& preview = invocation.preview;
  if (preview.kind == PreviewKind::None) {
    return invocation.effect == Effect::Destructive ? "none is known for this command" : "";
  }
  return std::string(preview_kind_name(preview.kind)) + ": " + CommandLine{preview.argv}.quoted() +
         (preview.wide_tier ? " (on the wide tier)" : "");
}

std::vector<std::string> target_rows(const Invocation& invocation) {
  std::vector<std::string> rows;
  for (const Target& target : invocation.targets) {
    if (rows.size() == kMostTargets) {
      rows.push_back("and " + std::to_string(invocation.targets.size() - kMostTargets) + " more");
      break;
    }
    rows.push_back(target_text(target));
  }
  return rows;
}

void describe(Page& page, const Invocation& invocation) {
  page.row("effect", effect_text(invocation));
  if (!invocation.tool.empty()) page.row("tool", invocation.tool);
  page.row("action", invocation.action);
  page.rows("wrappers", invocation.wrappers);
  page.rows("targets", target_rows(invocation));
  page.rows("because", invocation.reasons);
  page.row("preview", preview_text(invocation));
}

void describe_parts(Page& page, const Invocation& invocation) {
  if (page.depth() >= kDeepestShown) return;
  page.deeper();
  for (const Invocation& part : invocation.parts) {
    page.row("part", part.argv.empty() ? "(text)" : CommandLine{part.argv}.quoted());
    page.deeper();
    describe(page, part);
    page.shallower();
    describe_parts(page, part);
  }
  page.shallower();
}

std::string rule_text(const RuleReference& rule) {
  return rule.source.empty() || rule.source == rule.id ? rule.id
                                                       : rule.id + " (" + rule.source + ")";
}

}  // namespace

std::string target_text(const Target& target) {
  std::string text = target.kind.empty() ? target.system : target.kind;
  if (target.name.empty()) {
    text = "every " + (text.empty() ? std::string("one") : text);
  } else {
    text += (text.empty() ? "" : " ") + target.name;
  }
  if (target.pattern) text += " (a pattern)";
  const auto place = [&](const std::string& word, const std::string& value) {
    if (!value.empty()) text += ", " + word + " " + value;
  };
  place("namespace", target.namespace_);
  place("cluster", target.cluster);
  place("account", target.account);
  place("region", target.region);
  return text;
}

std::vector<std::string> explanation_text(const std::string& command, const Invocation& invocation,
                                          const Decision& decision) {
  Page page;
  page.row("command", command);
  describe(page, invocation);
  page.row("verdict", std::string(verdict_name(decision.verdict)));
  page.row("rule", rule_text(decision.rule));
  page.rows("policy", decision.reasons);
  page.row("message", decision.message);
  std::vector<std::string> considered;
  for (const RuleReference& rule : decision.considered) considered.push_back(rule_text(rule));
  page.rows("considered", considered);
  describe_parts(page, invocation);
  return page.take();
}

}  // namespace prodaccess
