// prodaccess aws sso-roles: what a signed-in person may be at IAM Identity Center.
#include <nlohmann/json.hpp>

#include "cli/command_aws.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/provider.h"
#include "providers/aws/sso_login.h"
#include "providers/aws/sso_portal.h"

namespace prodaccess {
namespace {

struct SsoRolesOptions {
  std::string login;
};

std::unique_ptr<SsoLogin> find_login(Context& context, const std::string& name) {
  for (const auto& [role_name, role] : context.config().roles) {
    auto login = context.provider(role).login(role);
    auto* const sso = dynamic_cast<SsoLogin*>(login.get());
    if (sso == nullptr || !(name.empty() || name == sso->name() || name == role_name)) continue;
    login.release();
    return std::unique_ptr<SsoLogin>(sso);
  }
  throw Error(ErrorCode::NotFound,
              name.empty()
                  ? "no role signs in at an IAM Identity Center"
                  : "no such login at an IAM Identity Center: " + escape_for_terminal(name),
              {"prodaccess login --list"});
}

int run(Context& context, const SsoRolesOptions& options) {
  const auto login = find_login(context, options.login);
  const Secret token = login->tokens().access_token(login->session());
  SsoPortal portal(login->tokens().http(), login->session());
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows{{"ACCOUNT", "NAME", "ROLES"}};
  for (const SsoAccount& account : portal.accounts(token)) {
    const auto roles = portal.account_roles(token, account.id);
    list.push_back({{"account", account.id}, {"name", account.name}, {"roles", roles}});
    rows.push_back({account.id, account.name, join(roles, " ")});
  }
  if (context.json()) {
    print_json({{"login", login->name()}, {"accounts", std::move(list)}});
    return kDone;
  }
  for (const std::string& line : format_table(rows)) print_line(line);
  return kDone;
}

}  // namespace

void add_aws_sso_roles(Command& aws) {
  const auto options = std::make_shared<SsoRolesOptions>();
  Command& command = aws.add("sso-roles", "list the accounts and roles of a login");
  command.positional("NAME", &options->login, "a login or a role; else the first").optional();
  command.example("prodaccess aws sso-roles corp --json");
  command.runs([options](Context& context) { return run(context, *options); });
}

}  // namespace prodaccess
