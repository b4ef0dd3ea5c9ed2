#include "core/policy/narrowing.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/policy/builtin.h"
#include "core/policy/labels.h"
#include "core/policy/rule.h"

namespace prodaccess {
namespace {

Ruling refusal(const DecisionContext& context, const char* what, std::string reason) {
  Ruling ruling;
  ruling.verdict = Verdict::Deny;
  const RuleReference reference{"role:" + std::string(what),
                                context.role.empty() ? "role" : "role " + context.role};
  ruling.deciding.insert(reference);
  ruling.considered.insert(reference);
  ruling.texts.insert(reference.id);
  ruling.reasons.insert(std::move(reason));
  return ruling;
}

std::string allowed_text(const EffectSet& effects) {
  std::vector<std::string> names;
  for (const Effect effect : {Effect::Read, Effect::Write, Effect::Opaque, Effect::Exfil,
                              Effect::Privilege, Effect::Destructive}) {
    if (effects.contains(effect)) names.emplace_back(effect_name(effect));
  }
  return names.empty() ? "do nothing" : "only " + join(names, ", ");
}

// "delete on orders, invoices and 3 more"
std::string act_text(const Invocation& part) {
  std::string text = part.action.empty()
                         ? (part.argv.empty() ? std::string("this") : part.argv.front())
                         : part.action;
  std::vector<std::string> names;
  for (const Target& target : part.targets) {
    if (!target.name.empty()) names.push_back(target.name);
  }
  if (names.empty()) return text;
  text += " on " + names.front();
  if (names.size() > 1) text += " and " + std::to_string(names.size() - 1) + " more";
  return text;
}

std::string place_text(const Target& target) {
  std::string text = target.system;
  for (const std::string* field :
       {&target.account, &target.cluster, &target.namespace_, &target.region}) {
    if (!field->empty()) text += (text == target.system ? ":" : "/") + *field;
  }
  if (!target.kind.empty()) text += " " + target.kind;
  return target.name.empty() ? text : text + " " + target.name;
}

bool tool_allowed(const Invocation& part, const DecisionContext& context) {
  if (context.role_tools.empty()) return true;
  if (part.tool.empty() && part.argv.empty() && !part.parts.empty()) return true;  // a mere list
  return std::any_of(
      context.role_tools.begin(), context.role_tools.end(),
      [&part](const std::string& tool) { return tool == part.tool || tool == typed_tool(part); });
}

// The effect that the role must allow for this part; what parts carry is theirs to answer for.
Effect effect_to_allow(const Invocation& part) {
  return is_hidden(part) ? worse(part.effect, Effect::Destructive) : part.effect;
}

// Where the command acts beyond what the role is for; "" where it does not. What only touches files
// here acts nowhere else.
std::string target_outside(const Invocation& part, bool free, const DecisionContext& context) {
  if (context.role_targets.empty()) return {};
  bool known = false;
  for (const Target& target : part.targets) {
    if (target.system == "file") known = true;
    if (target.system.empty() || target.system == "file") continue;
    known = true;
    const Target filled = filled_in(target, context.grant_target);
    if (!any_fits(context.role_targets, filled)) return place_text(filled);
  }
  const bool could_be_anywhere =
      !known && !free && part.parts.empty() && part.effect > Effect::Write;
  return could_be_anywhere ? act_text(part) + " does not say where it acts" : std::string();
}

}  // namespace

Ruling narrowing_ruling(const Invocation& part, bool trusted_program,
                        const DecisionContext& context) {
  const std::string role = context.role.empty() ? "the role" : "role " + context.role;
  Ruling ruling;
  if (!tool_allowed(part, context)) {
    join(ruling, refusal(context, "tools",
                         role + " is for " + join(context.role_tools, ", ") + " (" +
                             (part.tool.empty() ? act_text(part) : part.tool) + ")"));
  }
  if (context.role_hours && !context.role_hours->contains(context.now)) {
    join(ruling, refusal(context, "hours", role + " is for " + context.role_hours->text()));
  }
  const bool free = trusted_program || fenced_by_provider(context);
  if (const std::string outside = target_outside(part, free, context); !outside.empty()) {
    join(ruling,
         refusal(context, "targets",
                 role + " is for " + join(context.role_targets, ", ") + " (" + outside + ")"));
  }
  if (!context.role_effects || context.role_effects->contains(effect_to_allow(part))) return ruling;
  const std::string only = role + " may " + allowed_text(*context.role_effects);
  if (effect_to_allow(part) != Effect::Opaque) {
    join(ruling, refusal(context, "effects", only + " (" + act_text(part) + ")"));
  } else if (!free) {
    join(ruling,
         refusal(context, "effects",
                 only + ", what " + act_text(part) +
                     " does is not on the line, and the provider does not narrow the credential: "
                     "the role needs narrowed = \"read\" and a credential that can only read"));
  }
  return ruling;
}

}  // namespace prodaccess
