#include "core/policy/preview_summary.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/policy/pulumi_preview.h"

namespace prodaccess {
namespace {

// The parts that a confirmation is about: not a whole that merely carries them.
void collect_dangerous(const Invocation& part, bool all, std::vector<const Invocation*>& found) {
  const bool inherits =
      std::any_of(part.parts.begin(), part.parts.end(),
                  [&](const Invocation& inner) { return worst_effect(inner) >= part.effect; });
  if ((all || part.effect > Effect::Write) && !inherits) found.push_back(&part);
  for (const Invocation& inner : part.parts) collect_dangerous(inner, all, found);
}

std::vector<const Invocation*> dangerous_parts(const Invocation& invocation) {
  std::vector<const Invocation*> found;
  collect_dangerous(invocation, worst_effect(invocation) <= Effect::Write, found);
  return found;
}

std::string operation_of(const Invocation& part) {
  if (!part.action.empty()) return part.action;
  if (!part.tool.empty()) return part.tool;
  return part.argv.empty() ? std::string(effect_name(part.effect)) : part.argv.front();
}

[[noreturn]] void fail_plan(const std::string& why) {
  throw Error(ErrorCode::Denied, "the plan cannot be read: " + why,
              {"nothing was applied; plan again with a terraform whose JSON has format 1.x"});
}

// The operation that a list of actions of a plan means. Unknown ones count as the worst.
std::string plan_operation(const Json& actions) {
  if (!actions.is_array() || actions.empty()) fail_plan("a change without actions");
  std::set<std::string> names;
  for (const Json& action : actions) {
    if (!action.is_string()) fail_plan("an action that is no text");
    names.insert(action.get<std::string>());
  }
  if (names.count("delete") != 0) return names.count("create") != 0 ? "replace" : "delete";
  if (names.count("forget") != 0) return "forget";
  if (names == std::set<std::string>{"create"}) return "create";
  if (names == std::set<std::string>{"update"}) return "update";
  if (names == std::set<std::string>{"no-op"} || names == std::set<std::string>{"read"}) return "";
  return "delete";
}

// Only what the plan does: the rest is large and deep, and says nothing of it.
Json plan_deeds(std::string_view plan_json) {
  const auto keep = [](int depth, Json::parse_event_t event, Json& value) {
    return !(depth == 1 && event == Json::parse_event_t::key && value != "resource_changes" &&
             value != "action_invocations" && value != "format_version");
  };
  Json plan = Json::parse(plan_json, keep, /*allow_exceptions=*/false);
  if (plan.is_discarded() || !plan.is_object()) fail_plan("it is no JSON object");
  const auto version = plan.find("format_version");
  if (version == plan.end() || !version->is_string() ||
      version->get<std::string>().compare(0, 2, "1.") != 0) {
    fail_plan("its format_version is not 1.x");
  }
  for (const char* list : {"resource_changes", "action_invocations"}) {
    // terraform leaves an empty list out
    if (!plan.contains(list)) plan[list] = Json::array();
    if (!plan[list].is_array()) fail_plan(std::string(list) + " is no list");
  }
  return plan;
}

const std::string& text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) fail_plan(std::string("no ") + key);
  return found->get_ref<const std::string&>();
}

std::int64_t count_of(const PreviewSummary& summary, const char* operation) {
  const auto found = summary.counts.find(operation);
  return found == summary.counts.end() ? 0 : found->second;
}

void add_change(PreviewSummary& summary, const Json& change) {
  if (!change.is_object() || !change.contains("change") || !change["change"].is_object() ||
      !change["change"].contains("actions")) {
    fail_plan("a change without actions");
  }
  std::string operation = plan_operation(change["change"]["actions"]);
  if (operation.empty() && change["change"].contains("importing")) operation = "import";
  if (operation.empty()) return;
  std::string address = text_at(change, "address");
  if (change.contains("deposed")) address += " (deposed " + text_at(change, "deposed") + ")";
  summary.items.insert({operation, std::move(address)});
  ++summary.counts[operation];
}

std::int64_t gone_by(const PreviewSummary& plan) {
  return count_of(plan, "delete") + count_of(plan, "replace") + count_of(plan, "forget");
}

// An action's provider does what it likes; the state is written in any case.
Effect effect_of(const PreviewSummary& plan) {
  if (gone_by(plan) > 0) return Effect::Destructive;
  return count_of(plan, "invoke") > 0 ? Effect::Opaque : Effect::Write;
}

}  // namespace

std::int64_t PreviewSummary::total() const {
  std::int64_t sum = 0;
  for (const auto& [operation, count] : counts) sum += count;
  return sum;
}

std::string PreviewSummary::canonical() const {
  const auto sized = [](const std::string& text) {
    return std::to_string(text.size()) + ":" + text;
  };
  std::string text = "prodaccess-preview 1\n";
  for (const auto& [operation, count] : counts) {
    text += "count " + sized(operation) + " " + std::to_string(count) + "\n";
  }
  for (const Item& item : items) {
    text += "item " + sized(item.operation) + " " + sized(item.target) + "\n";
  }
  return text;
}

std::string PreviewSummary::hash() const { return sha256_hex(canonical()); }

PreviewSummary summarize(const Invocation& invocation, std::optional<std::int64_t> counted) {
  PreviewSummary summary;
  const auto parts = dangerous_parts(invocation);
  std::set<std::string> unknown;
  for (const Invocation* part : parts) {
    const std::string operation = operation_of(*part);
    bool named = true;
    for (const Target& target : part->targets) {
      summary.items.insert({operation, canonical_target(target)});
      named = named && !target.pattern && !target.name.empty();
    }
    std::optional<std::int64_t> count = part->count;
    if (!count && named) count = static_cast<std::int64_t>(part->targets.size());
    if (counted && parts.size() == 1) count = counted;
    if (!count) unknown.insert(operation);
    if (count && *count > 0) summary.counts[operation] += *count;
  }
  for (const std::string& operation : unknown) summary.counts.erase(operation);
  return summary;
}

PreviewSummary summarize_plan(std::string_view plan_json) {
  if (auto of_pulumi = summarize_pulumi_plan(plan_json)) return std::move(*of_pulumi);
  PreviewSummary summary;
  const Json deeds = plan_deeds(plan_json);
  for (const Json& change : deeds["resource_changes"]) add_change(summary, change);
  for (const Json& action : deeds["action_invocations"]) {
    if (!action.is_object()) fail_plan("an action that is no object");
    summary.items.insert({"invoke", text_at(action, "address")});
    ++summary.counts["invoke"];
  }
  return summary;
}

void apply_plan(Invocation& invocation, const PreviewSummary& plan) {
  const std::int64_t gone = gone_by(plan);
  const std::int64_t made = count_of(plan, "create") + count_of(plan, "replace");
  // What the plan does not speak of (a variable that brings code in) stays as bad as it was.
  const bool settled = invocation.opaque_cause <= OpaqueCause::Program;
  invocation.effect = settled ? effect_of(plan) : worse(Effect::Opaque, effect_of(plan));
  if (invocation.effect != Effect::Opaque) invocation.opaque_cause = OpaqueCause::NotOpaque;
  invocation.count = gone > 0 ? gone : plan.total();
  invocation.scale = made;
  invocation.reasons = {"its plan was read: " + std::to_string(gone) + " deleted or replaced, " +
                        std::to_string(plan.total() - gone) + " created or updated"};
  invocation.targets.clear();
  for (const PreviewSummary::Item& item : plan.items) {
    Target target;
    target.system = invocation.tool;
    target.kind = item.target.substr(0, item.target.rfind('.'));
    target.name = item.target;
    invocation.targets.push_back(std::move(target));
  }
}

bool covered_by(const PreviewSummary& now, const PreviewSummary& approved, bool fewer_is_enough) {
  if (!fewer_is_enough) return now == approved;
  if (!std::includes(approved.items.begin(), approved.items.end(), now.items.begin(),
                     now.items.end())) {
    return false;
  }
  // A count that was not known then covers nothing but the same ignorance now.
  const auto known = [](const PreviewSummary& summary, const std::string& operation) {
    return summary.counts.find(operation) != summary.counts.end();
  };
  for (const auto& [operation, count] : now.counts) {
    if (!known(approved, operation) || count > approved.counts.at(operation)) return false;
  }
  return std::all_of(now.items.begin(), now.items.end(), [&](const PreviewSummary::Item& item) {
    return known(now, item.operation) || !known(approved, item.operation);
  });
}

std::vector<std::string> differences(const PreviewSummary& approved, const PreviewSummary& now) {
  std::vector<std::string> lines;
  for (const auto& item : now.items) {
    if (approved.items.count(item) == 0) lines.push_back("+ " + item.operation + " " + item.target);
  }
  for (const auto& item : approved.items) {
    if (now.items.count(item) == 0) lines.push_back("- " + item.operation + " " + item.target);
  }
  std::set<std::string> operations;
  for (const auto* summary : {&approved, &now}) {
    for (const auto& [operation, count] : summary->counts) operations.insert(operation);
  }
  const auto text = [](const PreviewSummary& summary, const std::string& operation) {
    const auto found = summary.counts.find(operation);
    return found == summary.counts.end() ? std::string("unknown") : std::to_string(found->second);
  };
  for (const std::string& operation : operations) {
    const std::string before = text(approved, operation);
    const std::string after = text(now, operation);
    if (before != after) lines.push_back(operation + ": " + after + ", was " + before);
  }
  return lines;
}

std::string canonical_target(const Target& target) {
  std::string text = target.system + ":";
  for (const std::string* field : {&target.account, &target.cluster, &target.namespace_,
                                   &target.region, &target.kind, &target.name}) {
    if (field->empty()) continue;
    if (text.back() != ':') text += '/';
    text += *field;
  }
  return target.pattern ? text + " (pattern)" : text;
}

std::vector<Target> dangerous_targets(const Invocation& invocation) {
  std::vector<Target> targets;
  for (const Invocation* part : dangerous_parts(invocation)) {
    for (const Target& target : part->targets) {
      if (std::find(targets.begin(), targets.end(), target) == targets.end()) {
        targets.push_back(target);
      }
    }
  }
  return targets;
}

}  // namespace prodaccess
