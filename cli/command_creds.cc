// prodaccess creds: hand a credential to another program. Judged like a command: the read tier goes
// to people and ci, the wide one only where the role says `hand_out = true`, and never to an agent.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/credential_format.h"
#include "cli/credential_source.h"
#include "cli/exit_status.h"
#include "cli/grant_choice.h"
#include "cli/output.h"
#include "cli/records.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"

namespace prodaccess {
namespace {

struct CredsOptions {
  std::string role;
  std::string format = "env";
  bool once = false;
  bool wide = false;
  std::optional<Seconds> ttl;
  std::string reason;
  std::string ticket;
};

// The tier that is handed out, or a refusal that says which line of configuration would change it.
Tier tier_to_hand_out(Context& context, const Role& role, bool wide) {
  const bool has_tiers = context.provider(role).has_tiers(role);
  if (has_tiers && !wide) return Tier::Read;
  const IdentityClass identity = context.actor().identity;
  if (identity == IdentityClass::Agent) {
    throw Error(
        ErrorCode::Denied,
        "refused: the wide credential of role " + role.name + " is never handed to an agent",
        {"prodaccess exec --role " + role.name + " -- COMMAND"});
  }
  if (!role.hand_out) {
    throw Error(ErrorCode::Denied,
                "refused: role " + role.name + " does not hand out its wide credential",
                {"prodaccess exec --role " + role.name + " -- COMMAND",
                 "hand_out = true   in the role lets people and ci have it"});
  }
  return Tier::Wide;
}

void record_intent(Context& context, const CredentialSource& source, const std::string& session,
                   const CredsOptions& options, Tier tier) {
  LedgerRecord record = grant_record(RecordKind::Intent, source.grant(), session);
  record.text["action"] = "creds";
  record.text["format"] = options.format;
  record.text["tier"] = tier_name(tier);
  context.ledger().append(record, Durability::Durable);
}

std::unique_ptr<CredentialSource> source_for(Context& context, const CredsOptions& options) {
  if (!options.once) {
    return std::make_unique<CredentialSource>(context, choose_grant(context, options.role, ""));
  }
  const Role& role = context.config().role(options.role);
  AccessRequest access{role.name, options.ttl.value_or(Seconds{0}), options.reason, options.ticket};
  check_request(context, role, access);
  return std::make_unique<CredentialSource>(context, role, std::move(access));
}

int run(const CredsOptions& options, Context& context) {
  const auto source = source_for(context, options);
  const Tier tier = tier_to_hand_out(context, source->role(), options.wide);
  const std::string session = new_session_id(context);
  record_intent(context, *source, session, options, tier);
  const Credential& credential = source->credential(tier);
  const Secret text = format_credential(context, source->role(), credential,
                                        context.json() ? "json" : options.format);
  print_raw(text.view());
  context.ledger().append(grant_record(RecordKind::Ended, source->grant(), session),
                          Durability::Written);
  source->hand_over();
  return kDone;
}

}  // namespace

void add_creds(Command& root) {
  auto options = std::make_shared<CredsOptions>();
  Command& command = root.add("creds", "hand a grant's credential to another program");
  command.describe(
      "Prints secrets on standard output, for programs that ask for them. What can use `exec` is "
      "safer\nthere: nothing is printed, and each command is judged.");
  command.option("--role", &options->role, "ROLE", "a role or a grant's id; else the only grant")
      .completes("roles");
  command.option("--format", &options->format, "FORMAT", "how it is written")
      .one_of(credential_formats());
  command.flag("--wide", &options->wide, "the wide tier, where the role hands it out");
  command.flag("--once", &options->once, "issue one that is kept nowhere");
  command.option("--ttl", &options->ttl, "TIME", "with --once: how long");
  command.option("--reason", &options->reason, "TEXT", "with --once: why");
  command.option("--ticket", &options->ticket, "ID", "with --once: the ticket");
  command.example("eval \"$(prodaccess creds --role deploy --format env)\"");
  command.example("prodaccess creds --role deploy --once --format json");
  command.exit_status("3", "the role does not hand this out");
  command.runs([options](Context& context) { return run(*options, context); });
}

}  // namespace prodaccess
