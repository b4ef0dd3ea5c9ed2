// prodaccess request and renew: get a grant, and a later end for it.
#include <nlohmann/json.hpp>

#include "cli/access.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/grant_choice.h"
#include "cli/grant_text.h"
#include "cli/output.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"

namespace prodaccess {
namespace {

struct RequestOptions {
  std::string role;
  std::optional<Seconds> ttl;
  std::string reason;
  std::string ticket;
  std::vector<std::string> approvals;
  std::optional<Seconds> wait;
  bool break_glass = false;
};

Seconds positive(const std::optional<Seconds>& ttl) {
  if (ttl && *ttl <= Seconds{0}) {
    throw Error(ErrorCode::Usage, "--ttl: a grant must last longer than 0s", {"--ttl 30m"});
  }
  return ttl.value_or(Seconds{0});
}

void show(Context& context, const Grant& grant) {
  if (context.json()) {
    print_json({{"grant", grant_json(context, grant)}});
    return;
  }
  print_line(grant_line(context, grant));
  for (const std::string& note : grant.description.notes) print_line(note);
}

// What to type again, once the approval is there.
std::string retry_line(const RequestOptions& options) {
  std::string line = "prodaccess request --role " + options.role;
  if (options.ttl) line += " --ttl " + format_duration(*options.ttl);
  if (!options.reason.empty()) line += " --reason " + shell_quote(options.reason);
  if (!options.ticket.empty()) line += " --ticket " + shell_quote(options.ticket);
  return line;
}

int request(const RequestOptions& options, Context& context) {
  const Role& role = context.config().role(options.role);
  AccessRequest access{role.name, positive(options.ttl), options.reason, options.ticket,
                       {},        options.break_glass};
  check_request(context, role, access, {options.approvals, options.wait, retry_line(options)});
  context.provider(role).check(role);
  show(context, obtain_grant(context, role, access));
  return kDone;
}

struct RenewOptions {
  std::string grant;
  std::optional<Seconds> ttl;
  std::vector<std::string> approvals;
  std::optional<Seconds> wait;
};

int renew(const RenewOptions& options, Context& context) {
  const Grant grant = choose_grant(context, options.grant, "");
  show(context,
       renew_grant(context, grant, positive(options.ttl),
                   {options.approvals, options.wait, "prodaccess renew " + grant.id.substr(0, 4)}));
  return kDone;
}

}  // namespace

void add_request(Command& root) {
  auto options = std::make_shared<RequestOptions>();
  Command& command = root.add("request", "get a grant for a role");
  command.describe(
      "Asks the role's provider for a short-lived credential, keeps it in the keyring, and prints "
      "what\nit gives and until when. The same request made again within moments gives the same "
      "grant. A role of [approvals.roles] needs the signatures of other people first; without "
      "them\nrequest writes what is to be signed, and says who may sign it.");
  command.option("--role", &options->role, "ROLE", "the role to ask for")
      .required()
      .completes("roles");
  command.option("--ttl", &options->ttl, "TIME", "how long: 30m, 1h30m; the role's default");
  command.option("--reason", &options->reason, "TEXT", "why; kept in the ledger");
  command.option("--ticket", &options->ticket, "ID", "the ticket this belongs to");
  command.option("--approval", &options->approvals, "FILE", "a signed approval of this request")
      .completes("files");
  command.option("--wait", &options->wait, "TIME", "wait so long for an approval to come");
  command.flag("--break-glass", &options->break_glass,
               "an emergency: short, told to all who were skipped, reviewed afterwards");
  command.example("prodaccess request --role db-debug --ttl 30m --reason INC-42");
  command.example("prodaccess request --role ops --ticket INC-42 --json");
  command.example("prodaccess request --role ops --reason INC-42 --wait 15m",
                  "until somebody has approved");
  command.exit_status("4", "an approval is outstanding; what is to be signed was written");
  command.runs([options](Context& context) { return request(*options, context); });
}

void add_renew(Command& root) {
  auto options = std::make_shared<RenewOptions>();
  Command& command = root.add("renew", "give a grant a later end, within the role's longest");
  command.positional("GRANT", &options->grant, "a grant's id or role; the only one")
      .completes("grants");
  command.option("--ttl", &options->ttl, "TIME", "how long from now; the role's default");
  command
      .option("--approval", &options->approvals, "FILE",
              "a signed approval, where the role needs one")
      .completes("files");
  command.option("--wait", &options->wait, "TIME", "wait so long for an approval to come");
  command.example("prodaccess renew 7f3a --ttl 30m");
  command.runs([options](Context& context) { return renew(*options, context); });
}

}  // namespace prodaccess
