#include "cli/policy_text.h"

#include <nlohmann/json.hpp>

#include "core/base/text.h"

namespace prodaccess {
namespace {

std::string range_phrase(const char* what, const Range& range) {
  std::string text = what;
  if (range.above) text += " above " + std::to_string(*range.above);
  if (range.below) text += " below " + std::to_string(*range.below);
  return text;
}

std::string people_phrase(const ApprovalNeed& need) {
  const std::string count = std::to_string(need.count);
  if (!need.group.empty()) return count + " of " + need.group;
  return count + (need.count == 1 ? " person" : " people");
}

std::vector<std::string> people_phrases(const std::vector<ApprovalNeed>& needs) {
  std::vector<std::string> phrases;
  for (const ApprovalNeed& need : needs) phrases.push_back(people_phrase(need));
  return phrases;
}

Json obligations_json(const Obligations& obligations) {
  Json approvals = Json::array();
  for (const ApprovalNeed& need : obligations.approvals) {
    approvals.push_back({{"group", need.group}, {"count", need.count}});
  }
  return {{"preview", obligations.preview},
          {"reason", obligations.reason},
          {"ticket", obligations.ticket},
          {"alerts", obligations.alerts},
          {"security_key", obligations.security_key},
          {"recording", obligations.recording},
          {"confirmations", obligations.confirmations},
          {"approvals", std::move(approvals)}};
}

}  // namespace

std::string conditions_phrase(const Rule& rule) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kDimensionCount; ++i) {
    if (rule.globs[i].empty()) continue;
    parts.push_back(std::string(kDimensionKeys[i]) + " " + join(rule.globs[i], " or "));
  }
  if (rule.hours) parts.push_back(rule.hours->text());
  if (rule.reversible) parts.emplace_back(*rule.reversible ? "reversible" : "not reversible");
  if (rule.interactive) parts.emplace_back(*rule.interactive ? "interactive" : "not interactive");
  if (rule.count) parts.push_back(range_phrase("count", *rule.count));
  if (rule.scale) parts.push_back(range_phrase("scale", *rule.scale));
  if (rule.argument) {
    std::string text = "an argument like " + join(rule.argument->any, " or ");
    if (!rule.argument->except.empty()) text += " but " + join(rule.argument->except, " or ");
    parts.push_back(std::move(text));
  }
  return parts.empty() ? "always" : join(parts, ", ");
}

std::string statement_phrase(const Rule& rule) {
  const Statement& says = rule.says;
  std::vector<std::string> parts;
  if (says.verdict) {
    std::string verdict(verdict_name(*says.verdict));
    if (!says.approvals.empty()) {
      verdict += " (" + join(people_phrases(says.approvals), ", ") + ")";
    }
    parts.push_back(std::move(verdict));
  }
  if (says.confirmations) {
    parts.push_back(std::to_string(*says.confirmations) + " confirmations");
  }
  if (says.preview) parts.emplace_back(*says.preview ? "preview" : "no preview");
  if (says.reason) parts.emplace_back("reason");
  if (says.ticket) parts.emplace_back("ticket");
  if (says.security_key) parts.emplace_back("security key");
  if (says.recording) parts.emplace_back("recording");
  if (says.lock) parts.emplace_back("lock");
  if (!says.alert.empty()) parts.push_back("alert " + says.alert);
  if (says.max_per_hour) {
    parts.push_back("at most " + std::to_string(*says.max_per_hour) + " an hour");
  }
  return join(parts, ", ");
}

std::string decision_phrase(const Decision& decision) {
  const Obligations& obligations = decision.obligations;
  switch (decision.verdict) {
    case Verdict::Allow: return "allow";
    case Verdict::Deny: return "deny";
    case Verdict::Confirm: return obligations.confirmations > 1 ? "confirm twice" : "confirm";
    case Verdict::Approve: break;
  }
  return "approval by " + join(people_phrases(obligations.approvals), " and ");
}

Json decision_json(const Invocation& invocation, const Decision& decision) {
  return {{"verdict", verdict_name(decision.verdict)},
          {"effect", effect_name(worst_effect(invocation))},
          {"tool", invocation.tool},
          {"action", invocation.action},
          {"rule", {{"id", decision.rule.id}, {"source", decision.rule.source}}},
          {"reasons", decision.reasons},
          {"message", decision.message},
          {"labels", decision.labels},
          {"obligations", obligations_json(decision.obligations)}};
}

}  // namespace prodaccess
