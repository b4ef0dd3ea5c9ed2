// prodaccess roles: what can be asked for, and what each role may do.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/role_text.h"
#include "core/base/text.h"

namespace prodaccess {
namespace {

struct RolesOptions {
  std::string role;
};

Json role_json(Context& context, const Role& role) {
  const RoleText text = describe_role(context, role);
  Json json{{"name", role.name},
            {"description", role.description},
            {"provider", role.provider},
            {"target", text.target},
            {"effects", text.effects},
            {"tools", role.tools},
            {"narrowed", role.narrowed ? Json(effect_name(*role.narrowed)) : Json()},
            {"ttl_default_seconds", role.ttl_default.count()},
            {"ttl_max_seconds", role.ttl_max.count()},
            {"reason_required", role.reason.required},
            {"ticket_required", role.ticket.required},
            {"ticket_pattern", role.ticket.pattern},
            {"notes", text.notes},
            {"source", role.position.text()}};
  return json;
}

void print_one(Context& context, const Role& role) {
  const RoleText text = describe_role(context, role);
  print_line(role.name + "  " + role.description);
  print_line("  provider  " + role.provider + (text.target.empty() ? "" : "  " + text.target));
  print_line("  may       " + join(text.effects, ", ") +
             (role.tools.empty() ? "" : "  with " + join(role.tools, ", ")));
  print_line("  for       " + format_duration(role.ttl_default) + ", at most " +
             format_duration(role.ttl_max));
  for (const std::string& need : text.needs) print_line("  needs     " + need);
  for (const std::string& note : text.notes) print_line("  note      " + note);
  print_line("  defined   " + role.position.text());
}

int run(const RolesOptions& options, Context& context) {
  std::vector<const Role*> roles;
  if (!options.role.empty()) {
    roles.push_back(&context.config().role(options.role));
  } else {
    for (const auto& [name, role] : context.config().roles) roles.push_back(&role);
  }
  if (context.json()) {
    Json list = Json::array();
    for (const Role* role : roles) list.push_back(role_json(context, *role));
    print_json({{"roles", std::move(list)}, {"self_governed", context.config().self_governed}});
    return kDone;
  }
  if (roles.empty()) {
    warn("no role is configured");
    warn("hint: prodaccess init   writes a first configuration");
  }
  for (const Role* role : roles) print_one(context, *role);
  return kDone;
}

}  // namespace

void add_roles(Command& root) {
  auto options = std::make_shared<RolesOptions>();
  Command& command = root.add("roles", "show the roles and what each may do");
  command.positional("ROLE", &options->role, "only this role").completes("roles");
  command.example("prodaccess roles");
  command.example("prodaccess roles ops --json");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
