#include "cli/grant_choice.h"

#include "cli/context.h"
#include "cli/nesting.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"
#include "core/grant/provider.h"

namespace prodaccess {
namespace {

std::string request_line(const Role& role) {
  std::string line =
      "prodaccess request --role " + role.name + " --ttl " + format_duration(role.ttl_default);
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

// Of grants of one role, which are equal in what they allow, the one that lasts longest.
std::optional<Grant> longest_of_one_role(const std::vector<Grant>& grants) {
  for (const Grant& grant : grants) {
    if (grant.role != grants.front().role) return std::nullopt;
  }
  if (grants.empty()) return std::nullopt;
  return *std::max_element(grants.begin(), grants.end(),
                           [](const Grant& a, const Grant& b) { return a.until < b.until; });
}

Grant named_grant(Context& context, const std::string& name) {
  std::vector<Grant> of_role;
  for (Grant& grant : context.grants().live()) {
    if (grant.role == name) of_role.push_back(std::move(grant));
  }
  if (auto grant = longest_of_one_role(of_role)) return *grant;
  if (auto grant = context.grants().find(name)) {
    const Moment now = context.clock().now();
    if (grant->live(now)) return *grant;
    throw Error(ErrorCode::NoGrant,
                "grant " + grant->id.substr(0, 4) + " " + std::string(grant->state_words(now)),
                {request_line(context.config().role(grant->role))});
  }
  no_grant_for_role(context, name);
}

// Inside a session there is its grant, and no other.
Grant sessions_grant(Context& context, const SessionRecord& session, const std::string& named) {
  if (!named.empty() && named != session.role && !session.grant.starts_with(named)) {
    refuse_nested(context, escape_for_terminal(named) + " is not to be had");
  }
  const auto grant = context.grants().find(session.grant);
  if (grant && grant->live(context.clock().now())) return *grant;
  throw Error(ErrorCode::NoGrant, "the grant that this runs inside is over, or was for one command",
              {"prodaccess status   lists what is held"});
}

[[noreturn]] void no_grant_for_tool(Context& context, const std::string& tool) {
  std::vector<std::string> hints;
  for (const auto& [name, role] : context.config().roles) {
    if (hints.size() < 3 && serves(context, role, tool)) hints.push_back(request_line(role));
  }
  if (context.config().roles.empty()) {
    hints.emplace_back("prodaccess init   writes a first configuration");
  }
  throw Error(ErrorCode::NoGrant, "no active grant", std::move(hints));
}

}  // namespace

Grant choose_grant(Context& context, const std::string& role_or_id, const std::string& tool) {
  if (const auto session = enclosing_session(context)) {
    return sessions_grant(context, *session, role_or_id);
  }
  if (!role_or_id.empty()) return named_grant(context, role_or_id);
  const std::vector<Grant> live = context.grants().live();
  std::vector<Grant> serving;
  for (const Grant& grant : live) {
    const auto role = context.config().roles.find(grant.role);
    if (role != context.config().roles.end() && serves(context, role->second, tool)) {
      serving.push_back(grant);
    }
  }
  if (live.empty()) no_grant_for_tool(context, tool);
  // Where no provider claims the tool there is only a question of which grant to be judged under.
  const std::vector<Grant>& candidates = serving.empty() ? live : serving;
  if (auto grant = longest_of_one_role(candidates)) return *grant;
  std::set<std::string> hints;
  for (const Grant& grant : candidates) hints.insert("--role " + grant.role);
  throw Error(ErrorCode::Usage, "several grants would serve; name one",
              {hints.begin(), hints.end()});
}

}  // namespace prodaccess
