#include "cli/revocation.h"

#include "cli/context.h"
#include "cli/records.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"
#include "core/ledger/ledger.h"
#include "core/os/session_registry.h"
#include "core/os/supervisor.h"

namespace prodaccess {
namespace {

void end_processes(Context& context, Revocation& result) {
  std::vector<std::string> sessions;
  for (const SessionRecord& record : list_sessions(context.paths().sessions())) {
    if (record.grant == result.grant.id) sessions.push_back(record.session);
  }
  if (sessions.empty()) return;
  KillReport report = end_sessions(context.paths().sessions(), sessions);
  result.processes_ended = report.ended;
  result.processes_took = report.took;
  result.maybe_alive = std::move(report.maybe_alive);
}

void erase_credentials(Context& context, Revocation& result) {
  try {
    context.grants().end(result.grant, context.store_of(result.grant));
    result.keyring_erased = true;
  } catch (const Error& error) {
    result.keyring_error = error.what();
  }
}

// All handles: the worst outcome is the one to tell.
void tell_provider(Context& context, Revocation& result) {
  result.provider.state = RevokeOutcome::State::Revoked;
  try {
    const Role& role = context.config().role(result.grant.role);
    Provider& provider = context.provider(role);
    for (const std::string& handle : result.grant.handles) {
      RevokeOutcome outcome = provider.revoke(role, handle, nullptr);
      if (outcome.state >= result.provider.state) result.provider = std::move(outcome);
    }
  } catch (const Error& error) {
    result.provider = {RevokeOutcome::State::Failed, error.what(), result.grant.until};
  }
}

void record(Context& context, Revocation& result) {
  LedgerRecord record = grant_record(RecordKind::Revoked, result.grant, "");
  record.text["provider"] = revoke_state_name(result.provider.state);
  record.text["provider_detail"] = result.provider.detail;
  record.text["keyring"] = result.keyring_erased ? "erased" : "failed";
  record.text["maybe_alive"] = join(result.maybe_alive, "; ");
  record.numbers["processes_ended"] = result.processes_ended;
  try {
    result.ledger_record = context.ledger().append(record, Durability::Durable);
  } catch (const Error& error) {
    result.ledger_error = error.what();
  }
}

}  // namespace

bool Revocation::complete() const {
  return maybe_alive.empty() && keyring_erased && ledger_error.empty() &&
         provider.state != RevokeOutcome::State::Failed;
}

Revocation revoke_grant(Context& context, const Grant& grant) {
  Revocation result;
  result.grant = grant;
  erase_credentials(context, result);
  end_processes(context, result);
  tell_provider(context, result);
  record(context, result);
  return result;
}

}  // namespace prodaccess
