// prodaccess revoke: ends grants, and says what became of each part.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "cli/grant_text.h"
#include "cli/output.h"
#include "cli/revocation.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"

namespace prodaccess {
namespace {

struct RevokeOptions {
  std::vector<std::string> names;
  bool all = false;
  bool provider = false;
};

bool is_named(const Grant& grant, const std::string& name) {
  return grant.role == name || (name.size() >= 2 && grant.id.rfind(name, 0) == 0);
}

// Something of it may be left: it was not revoked, or not all of it could be ended; and one that
// was revoked here may still live at the provider.
bool is_left(const Grant& grant, const RevokeOptions& options) {
  return !grant.revoked || grant.unfinished || options.provider;
}

// Expired grants of which something may still run are ended too: their watcher may have been
// killed.
std::vector<Grant> chosen_grants(Context& context, const RevokeOptions& options) {
  std::vector<Grant> grants = context.grants().list();
  if (options.all) {
    std::erase_if(grants, [&options](const Grant& grant) { return !is_left(grant, options); });
    return grants;
  }
  if (options.names.empty()) {
    throw Error(ErrorCode::Usage, "name a grant or a role, or say --all",
                {"prodaccess status", "prodaccess revoke --all"});
  }
  std::vector<Grant> chosen;
  for (const std::string& name : options.names) {
    const std::size_t before = chosen.size();
    for (const Grant& grant : grants) {
      if (is_named(grant, name) && is_left(grant, options)) chosen.push_back(grant);
    }
    if (chosen.size() == before) {
      throw Error(ErrorCode::NoGrant, "no grant or role is called " + name, {"prodaccess status"});
    }
  }
  return chosen;
}

std::string provider_text(const RevokeOutcome& outcome) {
  std::string text = outcome.detail;
  if (outcome.state == RevokeOutcome::State::Failed) text = "FAILED: " + text;
  if (outcome.alive_until) text += "; alive until " + format_rfc3339(*outcome.alive_until);
  return text.empty() ? "revoked" : text;
}

std::string seconds_text(Milliseconds took) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.2f s", static_cast<double>(took.count()) / 1000);
  return buffer.data();
}

void print_one(Context& context, const Revocation& result) {
  print_line("grant      " + short_id(context, result.grant) + "  " + result.grant.role);
  print_line("processes  " + std::to_string(result.processes_ended) + " ended (" +
             seconds_text(result.processes_took) + ")");
  for (const std::string& alive : result.maybe_alive) {
    print_line("           may be alive: " + alive);
  }
  for (const std::string& alive : result.stuck) print_line("           FAILED: " + alive);
  print_line("keyring    " +
             (result.keyring_erased ? "erased" : "FAILED: " + result.keyring_error));
  print_line("provider   " + provider_text(result.provider));
  print_line("ledger     " + (result.ledger_error.empty()
                                  ? "recorded as " + std::to_string(result.ledger_record)
                                  : "FAILED: " + result.ledger_error));
}

Json revocation_json(const Revocation& result) {
  return {{"grant", result.grant.id},
          {"role", result.grant.role},
          {"complete", result.complete()},
          {"attempts", result.attempts},
          {"processes",
           {{"ended", result.processes_ended},
            {"milliseconds", result.processes_took.count()},
            {"maybe_alive", result.maybe_alive},
            {"stuck", result.stuck}}},
          {"keyring", {{"erased", result.keyring_erased}, {"error", result.keyring_error}}},
          {"provider",
           {{"state", revoke_state_name(result.provider.state)},
            {"detail", result.provider.detail},
            {"alive_until", result.provider.alive_until
                                ? Json(format_rfc3339(*result.provider.alive_until))
                                : Json()}}},
          {"ledger", {{"record", result.ledger_record}, {"error", result.ledger_error}}}};
}

int run(const RevokeOptions& options, Context& context) {
  Json list = Json::array();
  bool complete = true;
  bool failed = false;
  const std::vector<Grant> chosen = chosen_grants(context, options);
  const RevokeReach reach = options.provider ? RevokeReach::Everything : RevokeReach::OwnAlone;
  for (const Revocation& result : revoke_grants(context, chosen, reach)) {
    complete = complete && result.complete();
    failed = failed || result.failed();
    if (context.json()) {
      list.push_back(revocation_json(result));
    } else {
      print_one(context, result);
    }
  }
  if (context.json()) print_json({{"revoked", std::move(list)}, {"complete", complete}});
  if (chosen.empty() && !context.json()) print_line("no grant is held");
  if (failed && !context.json()) {
    warn("not all of it is ended; to try the rest again: prodaccess revoke " +
         std::string(options.provider ? "--provider " : "") +
         (options.all ? std::string("--all") : join(options.names, " ")));
  }
  return complete ? kDone : kFailed;
}

}  // namespace

void add_revoke(Command& root) {
  auto options = std::make_shared<RevokeOptions>();
  Command& command = root.add("revoke", "end grants and everything that runs under them, at once");
  command.describe(
      "Ends the processes, erases the credential, tells the provider and records it: four "
      "outcomes, "
      "told\napart. What cannot be ended from here (another user's processes, daemons, remote "
      "work, a\n"
      "credential that the provider cannot take back) is named, with its end time. What failed is\n"
      "tried twice; after that the grant stays listed here, and revoke tries the rest again.");
  command.positional("GRANT", &options->names, "grants' ids or roles").completes("grants");
  command.flag("--all", &options->all, "every grant");
  command.flag("--provider", &options->provider,
               "also what the provider has against sessions that it cannot take back; it may end "
               "others' too");
  command.example("prodaccess revoke 7f3a");
  command.example("prodaccess revoke --all", "the emergency brake");
  command.example("prodaccess revoke --provider 7f3a",
                  "on AWS: a policy that denies the role's sessions issued before now");
  command.exit_status("0", "all of it is ended");
  command.exit_status("1", "something may still be alive: it is named");
  command.exit_status("5", "there is no such grant");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
