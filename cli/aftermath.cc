#include "cli/aftermath.h"

#include <algorithm>

#include "cli/audit_sinks.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/records.h"
#include "core/base/error.h"
#include "core/grant/grant_store.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"

namespace prodaccess {
namespace {

// It died after it had stored the credential and before it could say so: the grant is there.
bool is_kept(Context& context, const OpenSession& session) {
  const auto grant = context.grants().find(session.grant);
  if (!grant || grant->revoked) return false;
  return std::find(grant->handles.begin(), grant->handles.end(), session.handle) !=
         grant->handles.end();
}

RevokeOutcome take_back(Context& context, const OpenSession& session) {
  try {
    const Role& role = context.config().role(session.role);
    return context.provider(role).revoke(role, session.handle, nullptr);
  } catch (const Error& error) {
    return {RevokeOutcome::State::Failed, error.what(), std::nullopt};
  }
}

// A credential whose handle alone is left: nobody can use it, but it lives.
void take_back_orphan(Context& context, const OpenSession& session) {
  const RevokeOutcome outcome = take_back(context, session);
  LedgerRecord record;
  record.kind = RecordKind::Revoked;
  record.grant = session.grant;
  record.role = session.role;
  record.text = {{"handle", session.handle},
                 {"provider", std::string(revoke_state_name(outcome.state))},
                 {"provider_detail", outcome.detail},
                 {"why", "issued by a process that died before it could store it"}};
  context.ledger().append(record, Durability::Written);
  std::string text = "what provider " + session.provider + " had issued in it was ";
  switch (outcome.state) {
    case RevokeOutcome::State::Revoked: text += "revoked"; break;
    case RevokeOutcome::State::NotRevocable: text += "not stored; it cannot be revoked"; break;
    case RevokeOutcome::State::Failed: text = "warning: " + text + "not revoked"; break;
  }
  if (outcome.state == RevokeOutcome::State::Revoked || outcome.detail.empty()) return warn(text);
  warn(text + ": " + outcome.detail);
}

void settle_crashes(Context& context) {
  for (const OpenSession& session : context.ledger().crashed()) {
    warn("an earlier " + session.action + " of role " + session.role +
         " never said how it ended (record " + std::to_string(session.intent) +
         "): its process is gone; recorded as closed_unknown");
    if (!session.holds_a_handle()) continue;
    if (!is_kept(context, session)) take_back_orphan(context, session);
    context.ledger().settled(session);
  }
}

}  // namespace

void tidy_up(Context& context) {
  if (!context.ledger_in_use()) return;
  try {
    settle_crashes(context);
    start_forwarding(context);
  } catch (const Error& error) {
    warn("warning: " + std::string(error.what()));
  }
}

}  // namespace prodaccess
