#include "cli/hand_out.h"

#include "cli/clearance.h"
#include "cli/context.h"
#include "cli/credential_source.h"
#include "cli/records.h"
#include "core/base/error.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"

namespace prodaccess {

bool hands_out_wide(Context& context, const Role& role) {
  return role.hand_out && context.actor().identity != IdentityClass::Agent;
}

namespace {

// The tier that is handed out, or a refusal that says which line of configuration would change it.
Tier tier_to_hand_out(Context& context, const Role& role, bool wide) {
  const bool has_tiers = context.provider(role).has_tiers(role);
  if (has_tiers && !wide) return Tier::Read;
  if (hands_out_wide(context, role)) return Tier::Wide;
  if (context.actor().identity == IdentityClass::Agent) {
    throw Error(
        ErrorCode::Denied,
        "refused: the wide credential of role " + role.name + " is never handed to an agent",
        {"prodaccess exec --role " + role.name + " -- COMMAND"});
  }
  throw Error(ErrorCode::Denied,
              "refused: role " + role.name + " does not hand out its wide credential",
              {"prodaccess exec --role " + role.name + " -- COMMAND",
               "hand_out = true   in the role lets people and ci have it"});
}

}  // namespace

void add_hand_out_options(Command& command, HandOut* options) {
  command
      .option("--role", &options->source.role, "ROLE",
              "a role or a grant's id; else the only grant")
      .completes("roles");
  command.flag("--once", &options->source.once, "issue one that is kept nowhere");
  command.option("--ttl", &options->source.ttl, "TIME", "with --once: how long");
  command.option("--reason", &options->source.reason, "TEXT", "with --once: why");
  command.option("--ticket", &options->source.ticket, "ID", "with --once: the ticket");
  command.option("--approval", &options->source.approvals, "FILE", "with --once: a signed approval")
      .completes("files");
  command.option("--wait", &options->source.wait, "TIME",
                 "with --once: wait so long for an approval");
}

void hand_out(Context& context, const HandOut& options, const std::string& form,
              const std::function<Secret(const Role&, const Credential&)>& make,
              const std::function<void(const Secret&)>& print) {
  const auto source = choose_source(context, options.source, "prodaccess creds", "");
  const Tier tier = tier_to_hand_out(context, source->role(), options.wide);
  Judgement judgement =
      judge_own_command(context, "creds", Effect::Exfil, source->role(), source->grant());
  const CommandLine command{{"prodaccess", "creds"}};
  const Clearance clearance =
      clear_command(context, command, Program{}, judgement, *source, false,
                    {options.source.approvals, options.source.wait, "prodaccess creds"});
  const std::string& session = clearance.session;
  LedgerRecord intent = grant_record(RecordKind::Intent, source->grant(), session);
  intent.text["action"] = "creds";
  add_clearance(intent, clearance);
  intent.text["format"] = form;
  intent.text["tier"] = tier_name(tier);
  context.ledger().append(intent, Durability::Durable);
  try {
    print(make(source->role(), source->credential(tier)));
  } catch (const std::exception& error) {
    record_failure(context, source->grant(), session, "hand_out", error);
    throw;
  }
  context.ledger().append(grant_record(RecordKind::Ended, source->grant(), session),
                          Durability::Written);
  source->hand_over();
}

}  // namespace prodaccess
