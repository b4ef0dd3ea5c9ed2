#include "cli/credential_source.h"

#include "cli/context.h"
#include "cli/grant_choice.h"
#include "cli/output.h"
#include "cli/records.h"
#include "core/grant/provider.h"
#include "core/ledger/ledger.h"

namespace prodaccess {

CredentialSource::CredentialSource(Context& context, Grant grant)
    : context_(context), role_(context.config().role(grant.role)), grant_(std::move(grant)) {}

CredentialSource::CredentialSource(Context& context, const Role& role, AccessRequest access)
    : context_(context),
      role_(role),
      grant_(plan_grant(context, role, access)),
      access_(std::move(access)) {}

CredentialSource::~CredentialSource() {
  try {
    finish();
  } catch (const Error& error) {
    warn("error: " + std::string(error.what()));
  }
}

const Credential& CredentialSource::credential(Tier tier) {
  if (tier == Tier::Read && !context_.provider(role_).has_tiers(role_)) tier = Tier::Wide;
  const auto found = credentials_.find(tier);
  if (found != credentials_.end()) return found->second;
  return credentials_.emplace(tier, fetch(tier)).first->second;
}

Credential CredentialSource::fetch(Tier tier) {
  if (!access_ && keeps_credential(context_, role_, tier)) {
    return live_credential(context_, grant_, tier);
  }
  CommandCredential made = access_ ? issue_once(context_, role_, grant_, *access_, tier)
                                   : issue_for_command(context_, grant_, tier);
  sessions_.emplace(tier, std::move(made.session));
  return std::move(made.credential);
}

void CredentialSource::end(Tier tier, const Credential& credential) {
  const RevokeOutcome outcome =
      context_.provider(role_).revoke(role_, credential.handle, &credential);
  if (outcome.state == RevokeOutcome::State::Failed) {
    warn("warning: provider " + role_.provider +
         " did not take the credential back: " + outcome.detail);
  }
  LedgerRecord record = access_ ? grant_record(RecordKind::Revoked, grant_, "")
                                : grant_record(RecordKind::Ended, grant_, sessions_.at(tier));
  record.text["provider"] = revoke_state_name(outcome.state);
  record.text["provider_detail"] = outcome.detail;
  context_.ledger().append(record, Durability::Written);
}

void CredentialSource::hand_over() {
  finished_ = true;
  for (const auto& [tier, session] : sessions_) {
    LedgerRecord record = grant_record(RecordKind::Ended, grant_, session);
    record.text["provider"] = "handed over";
    context_.ledger().append(record, Durability::Written);
  }
}

void CredentialSource::finish() {
  if (finished_) return;
  finished_ = true;
  for (const auto& [tier, credential] : credentials_) {
    if (sessions_.contains(tier)) end(tier, credential);
  }
  credentials_.clear();
}

std::unique_ptr<CredentialSource> choose_source(Context& context, const SourceChoice& choice,
                                                const std::string& command,
                                                const std::string& rest) {
  if (!choice.once) {
    return std::make_unique<CredentialSource>(context,
                                              choose_grant(context, choice.role, choice.tool));
  }
  const std::string once = command + " --once --role ";
  if (choice.role.empty()) {
    throw Error(ErrorCode::Usage, "--once needs a role", {once + "ROLE" + rest});
  }
  const Role& role = context.config().role(choice.role);
  AccessRequest access{role.name, choice.ttl.value_or(Seconds{0}), choice.reason, choice.ticket};
  check_request(context, role, access, {choice.approvals, choice.wait, once + role.name});
  return std::make_unique<CredentialSource>(context, role, std::move(access));
}

}  // namespace prodaccess
