#include "cli/role_text.h"

#include "cli/context.h"
#include "core/grant/provider.h"

namespace prodaccess {
namespace {

std::string need_text(const std::string& what, const TextRequirement& requirement) {
  if (!requirement.required) return {};
  return what + (requirement.pattern.empty() ? "" : " like " + requirement.pattern);
}

}  // namespace

RoleText describe_role(Context& context, const Role& role) {
  RoleText text;
  for (int i = 0; i < 6; ++i) {
    const auto effect = static_cast<Effect>(i);
    if (role.effects.contains(effect)) text.effects.emplace_back(effect_name(effect));
  }
  for (const std::string& need :
       {need_text("a reason", role.reason), need_text("a ticket", role.ticket)}) {
    if (!need.empty()) text.needs.push_back(need);
  }
  const IssuedDescription description = context.provider(role).describe(role);
  text.target = description.target;
  text.notes = description.notes;
  return text;
}

}  // namespace prodaccess
