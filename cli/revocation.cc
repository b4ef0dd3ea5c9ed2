#include "cli/revocation.h"

#include <algorithm>
#include <map>
#include <thread>

#include "cli/context.h"
#include "cli/records.h"
#include "core/base/error.h"
#include "core/base/living_secrets.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"
#include "core/ledger/ledger.h"
#include "core/os/session_registry.h"
#include "core/os/supervisor.h"

namespace prodaccess {
namespace {

constexpr int kAttempts = 2;
constexpr Milliseconds kBetweenAttempts{1000};

void erase_credentials(Context& context, Revocation& result) {
  if (result.keyring_erased) return;
  try {
    context.grants().end(result.grant, context.store_of(result.grant));
    result.keyring_erased = true;
    result.keyring_error.clear();
  } catch (const Error& error) {
    result.keyring_error = error.what();
  }
}

// All at once: the grace that processes get is the same for a hundred sessions as for one.
void end_processes(Context& context, std::vector<Revocation*> results) {
  std::erase_if(results, [](const Revocation* result) {
    return result->attempts > 0 && result->stuck.empty();
  });
  std::vector<std::string> sessions;
  std::map<std::string, Revocation*> owner;
  for (const SessionRecord& record : list_sessions(context.paths().sessions())) {
    for (Revocation* result : results) {
      if (record.grant != result->grant.id) continue;
      owner[record.session] = result;
      sessions.push_back(record.session);
    }
  }
  for (Revocation* result : results) result->stuck.clear();
  if (sessions.empty()) return;
  const KillReport report = end_sessions(context.paths().sessions(), sessions);
  const auto owner_of = [&](const std::string& session) -> Revocation& {
    const auto found = owner.find(session);
    return found == owner.end() ? *results.front() : *found->second;
  };
  for (const auto& [session, ended] : report.ended_in) owner_of(session).processes_ended += ended;
  for (const KillReport::Leftover& left : report.maybe_alive) {
    Revocation& result = owner_of(left.session);
    (left.ours ? result.stuck : result.maybe_alive).push_back(left.words);
  }
  for (Revocation* result : results) result->processes_took += report.took;
}

// What the grant keeps; absent: nothing is at hand.
std::optional<Credential> kept_credential(Context& context, const Grant& grant) {
  for (const Tier tier : {Tier::Read, Tier::Wide}) {
    try {
      auto kept = context.grants().credential(grant, tier, context.store_of(grant));
      if (kept) return kept;
    } catch (const Error&) {
      return std::nullopt;  // the erasing after this says what is wrong with the store
    }
  }
  return std::nullopt;
}

// The provider's strongest means; absent: it has none beyond taking handles back.
std::optional<RevokeOutcome> deny(Context& context, const Revocation& result) {
  try {
    const Role& role = context.config().role(result.grant.role);
    return context.provider(role).deny(
        {role, result.grant, context.actor().person, result.kept ? &*result.kept : nullptr});
  } catch (const Error& error) {
    return RevokeOutcome{RevokeOutcome::State::Failed, error.what(), result.grant.until};
  }
}

// Of several handles the worst outcome is the one to tell.
void take_handles_back(Context& context, Revocation& result) {
  const std::vector<std::string> handles = std::move(result.handles_left);
  result.handles_left.clear();
  if (result.attempts == 0) result.provider.state = RevokeOutcome::State::Revoked;
  if (result.provider.state == RevokeOutcome::State::Failed) {
    result.provider = {RevokeOutcome::State::Revoked, "", std::nullopt};
  }
  for (const std::string& handle : handles) {
    RevokeOutcome outcome;
    try {
      const Role& role = context.config().role(result.grant.role);
      outcome = context.provider(role).revoke(role, handle, nullptr);
    } catch (const Error& error) {
      outcome = {RevokeOutcome::State::Failed, error.what(), result.grant.until};
    }
    if (outcome.state == RevokeOutcome::State::Failed) result.handles_left.push_back(handle);
    if (outcome.state >= result.provider.state) result.provider = std::move(outcome);
  }
  const bool lives_on = result.provider.state == RevokeOutcome::State::NotRevocable;
  if (lives_on && !result.provider.alive_until) result.provider.alive_until = result.grant.until;
}

void tell_provider(Context& context, Revocation& result, RevokeReach reach) {
  if (reach == RevokeReach::Everything) {
    if (auto denied = deny(context, result)) {
      result.provider = std::move(*denied);
      if (result.provider.state != RevokeOutcome::State::Failed) result.handles_left.clear();
      return;
    }
  }
  take_handles_back(context, result);
}

void record(Context& context, Revocation& result) {
  LedgerRecord record = grant_record(RecordKind::Revoked, result.grant, "");
  record.text["provider"] = revoke_state_name(result.provider.state);
  result.provider.detail = without_secrets(std::move(result.provider.detail));
  record.text["provider_detail"] = result.provider.detail;
  record.text["keyring"] = result.keyring_erased ? "erased" : "failed";
  record.text["maybe_alive"] = join(result.maybe_alive, "; ");
  if (!result.stuck.empty()) record.text["stuck"] = join(result.stuck, "; ");
  record.numbers["processes_ended"] = result.processes_ended;
  record.numbers["processes_milliseconds"] = result.processes_took.count();
  record.numbers["attempt"] = result.attempts;
  try {
    result.ledger_record = context.ledger().append(record, Durability::Durable);
    result.ledger_error.clear();
  } catch (const Error& error) {
    result.ledger_error = error.what();
  }
}

void attempt(Context& context, const std::vector<Revocation*>& results, RevokeReach reach) {
  for (Revocation* result : results) erase_credentials(context, *result);
  end_processes(context, results);
  for (Revocation* result : results) {
    tell_provider(context, *result, reach);
    ++result->attempts;
    record(context, *result);
  }
}

void note_rest(Context& context, Revocation& result) {
  try {
    context.grants().note_rest(result.grant.id, result.handles_left, result.failed());
  } catch (const Error& error) {
    result.keyring_error = error.what();
    result.keyring_erased = false;
  }
}

}  // namespace

bool Revocation::failed() const {
  return !stuck.empty() || !keyring_erased || !ledger_error.empty() ||
         provider.state == RevokeOutcome::State::Failed;
}

std::vector<Revocation> revoke_grants(Context& context, const std::vector<Grant>& grants,
                                      RevokeReach reach) {
  std::vector<Revocation> results(grants.size());
  std::vector<Revocation*> rest;
  for (std::size_t i = 0; i < grants.size(); ++i) {
    results[i].grant = grants[i];
    results[i].handles_left = grants[i].handles;
    results[i].kept = kept_credential(context, grants[i]);
    rest.push_back(&results[i]);
  }
  for (int round = 0; round < kAttempts && !rest.empty(); ++round) {
    if (round > 0) std::this_thread::sleep_for(kBetweenAttempts);
    attempt(context, rest, reach);
    std::erase_if(rest, [](const Revocation* result) { return !result->failed(); });
  }
  for (Revocation& result : results) note_rest(context, result);
  return results;
}

}  // namespace prodaccess
