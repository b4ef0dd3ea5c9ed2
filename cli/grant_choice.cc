#include "cli/grant_choice.h"

#include "cli/context.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"
#include "core/grant/provider.h"

namespace prodaccess {
namespace {

std::string request_line(const Role& role) {
  std::string line = "prodaccess request --role " + role.name + " --ttl " +
                     format_duration(role.ttl_default);
  if (role.reason.required) line += " --reason \"...\"";
  if (role.ticket.required) {
    line += " --ticket " + (role.ticket.pattern.empty() ? "..." : shell_quote(role.ticket.pattern));
  }
  return line;
}

bool serves(Context& context, const Role& role, const std::string& tool) {
  if (!role.tools.empty() &&
      std::find(role.tools.begin(), role.tools.end(), tool) == role.tools.end()) {
    return false;
  }
  const auto tools = context.provider(role).tools(role);
  return tools.empty() || std::find(tools.begin(), tools.end(), tool) != tools.end();
}

[[noreturn]] void no_grant_for_role(Context& context, const std::string& name) {
  const Role& role = context.config().role(name);  // an unknown role says so, with the nearest
  throw Error(ErrorCode::NoGrant, "no active grant for role " + role.name, {request_line(role)});
}

Grant named_grant(Context& context, const std::string& name) {
  std::vector<Grant> of_role;
  for (Grant& grant : context.grants().live()) {
    if (grant.role == name) of_role.push_back(std::move(grant));
  }
  // Several grants of one role are equal in what they allow; the one that lasts longest serves.
  if (!of_role.empty()) {
    return *std::max_element(of_role.begin(), of_role.end(), [](const Grant& a, const Grant& b) {
      return a.until < b.until;
    });
  }
  if (auto grant = context.grants().find(name)) {
    const Moment now = context.clock().now();
    if (grant->live(now)) return *grant;
    throw Error(ErrorCode::NoGrant,
                "grant " + grant->id.substr(0, 4) + " " + std::string(grant->state_words(now)),
                {request_line(context.config().role(grant->role))});
  }
  no_grant_for_role(context, name);
}

[[noreturn]] void no_grant_for_tool(Context& context, const std::string& tool) {
  std::vector<std::string> hints;
  for (const auto& [name, role] : context.config().roles) {
    if (hints.size() < 3 && serves(context, role, tool)) hints.push_back(request_line(role));
  }
  if (context.config().roles.empty()) {
    hints.emplace_back("prodaccess init   writes a first configuration");
  }
  throw Error(ErrorCode::NoGrant,
              tool.empty() ? "no active grant" : "no active grant serves " + escape_for_terminal(tool),
              std::move(hints));
}

}  // namespace

Grant choose_grant(Context& context, const std::string& role_or_id, const std::string& tool) {
  if (!role_or_id.empty()) return named_grant(context, role_or_id);
  std::vector<Grant> serving;
  for (Grant& grant : context.grants().live()) {
    const auto role = context.config().roles.find(grant.role);
    if (role != context.config().roles.end() && serves(context, role->second, tool)) {
      serving.push_back(std::move(grant));
    }
  }
  if (serving.empty()) no_grant_for_tool(context, tool);
  const bool one_role = std::all_of(serving.begin(), serving.end(), [&](const Grant& grant) {
    return grant.role == serving.front().role;
  });
  if (one_role) {
    return *std::max_element(serving.begin(), serving.end(), [](const Grant& a, const Grant& b) {
      return a.until < b.until;
    });
  }
  std::vector<std::string> hints;
  for (const Grant& grant : serving) hints.push_back("--role " + grant.role);
  throw Error(ErrorCode::Usage, "several grants would serve; name one", std::move(hints));
}

}  // namespace prodaccess
