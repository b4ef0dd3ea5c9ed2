#include "cli/access.h"

#include <nlohmann/json.hpp>
#include <regex>

#include "cli/base_session.h"
#include "cli/context.h"
#include "cli/lock_check.h"
#include "cli/nesting.h"
#include "cli/output.h"
#include "cli/records.h"
#include "cli/request_approval.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/grant/grant_store.h"
#include "core/grant/single_flight.h"
#include "core/ledger/ledger.h"

namespace prodaccess {
namespace {

// Waiting for another process's fetch, which may be waiting for a person's MFA code.
constexpr Milliseconds kFetchPatience{120'000};

void check_text(const std::string& what, const std::string& value,
                const TextRequirement& requirement, const Role& role,
                const std::string& retry_line) {
  const std::string option = " --" + what + " ";
  const std::string line = "prodaccess request --role " + role.name + option;
  if (value.empty()) {
    if (requirement.required) {
      throw Error(ErrorCode::Usage, "role " + role.name + " needs a " + what,
                  {retry_line + option + "\"...\""});
    }
    return;
  }
  if (value.size() > 1024)
    throw Error(ErrorCode::Usage, "the " + what + " is longer than 1024 bytes");
  if (!requirement.pattern.empty() && !std::regex_match(value, std::regex(requirement.pattern))) {
    throw Error(ErrorCode::Usage,
                "the " + what + " \"" + escape_for_terminal(value) + "\" is not of the form " +
                    requirement.pattern,
                {line + requirement.pattern});
  }
}

void check_duration(const Role& role, AccessRequest& access) {
  if (access.ttl == Seconds{0}) access.ttl = role.ttl_default;
  if (access.ttl > role.ttl_max) {
    throw Error(
        ErrorCode::Usage,
        format_duration(access.ttl) + " is longer than role " + role.name + " allows (" +
            format_duration(role.ttl_max) + ")",
        {"prodaccess request --role " + role.name + " --ttl " + format_duration(role.ttl_max)});
  }
}

void check_hours(Context& context, const Role& role) {
  if (!role.hours || role.hours->contains(context.clock().wall_now())) return;
  throw Error(ErrorCode::Denied, "role " + role.name + " is for " + role.hours->text(),
              {"prodaccess roles   says when each may be had"});
}

void set_span(Context& context, Grant& grant, Seconds ttl) {
  const Moment now = context.clock().now();
  grant.from = now.wall;
  grant.until = now.wall + ttl;
  grant.from_boot = now.boot;
  grant.boot_id = now.boot_id;
}

// The tier that a grant keeps: the narrow one where the role has two.
Tier kept_tier(Context& context, const Role& role) {
  return context.provider(role).has_tiers(role) ? Tier::Read : Tier::Wide;
}

// A wide credential beside a read tier is one command's alone, and no longer than its own limit.
bool serves_one_command(Context& context, const Role& role, Tier tier) {
  return tier == Tier::Wide && context.provider(role).has_tiers(role);
}

WallTime credential_end(Context& context, const Role& role, const Grant& grant, Tier tier) {
  if (!serves_one_command(context, role, tier)) return grant.until;
  return std::min(grant.until, context.clock().wall_now() + role.wide_ttl);
}

// What shapes one fetch, beside the grant.
struct Fetch {
  const AccessRequest& access;
  Tier tier = Tier::Wide;
  const std::string& session;
  bool once = false;  // nothing of it may be kept
  StageReport stage;
};

// The provider's part, with its records: issued before anything else can fail.
Credential issue(Context& context, const Role& role, Grant& grant, const Fetch& fetch) {
  const Tier tier = fetch.tier;
  Provider& provider = context.provider(role);
  GrantBaseSession base_session(context, grant, fetch.once);
  const IssueRequest request{role,        fetch.access, context.actor().person,
                             grant.id,    tier,         credential_end(context, role, grant, tier),
                             fetch.stage, &base_session};
  bool recorded = false;
  std::string unrecorded;
  const auto record_handle = [&](const std::string& handle) {
    unrecorded = handle;
    grant.handles.push_back(handle);
    LedgerRecord record = grant_record(RecordKind::Issued, grant, fetch.session);
    record.text["handle"] = handle;
    record.text["provider"] = role.provider;
    record.text["tier"] = tier_name(tier);
    context.ledger().append(record, Durability::Written);
    unrecorded.clear();
    recorded = true;
  };
  Issued issued;
  try {
    issued = provider.issue(request, record_handle);
    if (!recorded) record_handle(issued.credential.handle);
  } catch (const Error&) {
    // What is not on record nobody could take back later.
    if (!unrecorded.empty()) provider.revoke(role, unrecorded, nullptr);
    if (grant.store.empty()) base_session.drop_new();  // the grant will not be
    throw;
  }
  issued.credential.tier = tier;
  const Moment now = context.clock().now();
  issued.credential.issued_boot = now.boot;
  issued.credential.boot_id = now.boot_id;
  grant.description = std::move(issued.description);
  return std::move(issued.credential);
}

// What fails between a session's intent and its end ends the session in the ledger: else the next
// command would take it for a crash.
template <typename Work>
void or_record_failure(Context& context, const Grant& grant, const std::string& session,
                       Work work) {
  try {
    work();
  } catch (const Error& error) {
    record_failure(context, grant, session, "issue", error);
    throw;
  }
}

// Keeps what was issued; where that fails it is ended at the provider, and the failure recorded.
void keep(Context& context, const Role& role, const Grant& grant, const Credential& credential,
          const std::string& session, bool whole_grant) {
  try {
    EphemeralStore& store = context.ephemeral_store();
    if (whole_grant) {
      context.grants().put(grant, credential, store);
    } else {
      context.grants().put_credential(grant, credential, store);
    }
  } catch (const Error& error) {
    context.provider(role).revoke(role, credential.handle, &credential);
    record_failure(context, grant, session, "store", error);
    throw;
  }
  LedgerRecord record = grant_record(RecordKind::Stored, grant, session);
  record.text["store"] = grant.store;
  context.ledger().append(record, Durability::Written);
}

// Returns what whoever asked should be told.
std::vector<std::string> record_request(Context& context, const Role& role, const Grant& grant,
                                        const AccessRequest& access, const std::string& session,
                                        const std::string& action) {
  LedgerRecord record = grant_record(RecordKind::Intent, grant, session);
  record.text["action"] = action;
  check_locks(context, role.name);
  record.text["provider"] = role.provider;
  record.text["reason"] = access.reason;
  record.text["ticket"] = access.ticket;
  record.numbers["ttl_seconds"] = access.ttl.count();
  add_request_approval(context, record, grant, access);
  context.ledger().append(record, Durability::Durable);
  if (!access.break_glass) return {};
  try {
    return announce_emergency(context, record);
  } catch (const Error& error) {
    record_failure(context, grant, session, "alert", error);
    throw;
  }
}

// Whether `grant` answers a request made now: the same thing, asked for a moment ago.
bool is_fresh(Context& context, const Grant& grant, Seconds ttl) {
  return grant.left(context.clock().now()) * 10 >= ttl * 9;
}

}  // namespace

void check_request(Context& context, const Role& role, AccessRequest& access,
                   const ApprovalAnswers& answers) {
  refuse_nested(context, "a grant cannot be asked for");
  check_hours(context, role);
  check_duration(role, access);
  check_text("reason", access.reason, role.reason, role, answers.retry_line);
  check_text("ticket", access.ticket, role.ticket, role, answers.retry_line);
  const IdentityClass identity = context.actor().identity;
  if (!role.identity.empty() &&
      std::find(role.identity.begin(), role.identity.end(), identity) == role.identity.end()) {
    throw Error(ErrorCode::Denied,
                "role " + role.name + " is not for identity class " +
                    std::string(identity_class_name(identity)),
                {"prodaccess doctor   says how the class was found"});
  }
  approve_request(context, role, access, answers);
}

std::string request_key(Context& context, const Role& role, const AccessRequest& access) {
  const Json parts{{"role", role.name},
                   {"provider", role.provider},
                   {"shape", context.provider(role).shape(role)},
                   {"ttl", access.ttl.count()},
                   {"reason", access.reason},
                   {"ticket", access.ticket},
                   {"uid", context.actor().uid}};
  return sha256_hex(canonical_json(parts));
}

Grant plan_grant(Context& context, const Role& role, const AccessRequest& access) {
  Grant grant;
  grant.id = new_session_id(context);
  grant.role = role.name;
  grant.provider = role.provider;
  set_span(context, grant, access.ttl);
  grant.reason = access.reason;
  grant.ticket = access.ticket;
  grant.request_key = request_key(context, role, access);
  grant.uid = context.actor().uid;
  return grant;
}

Grant obtain_grant(Context& context, const Role& role, const AccessRequest& access) {
  const std::string session = new_session_id(context);
  Grant grant = plan_grant(context, role, access);
  const std::vector<std::string> notes =
      record_request(context, role, grant, access, session, "request");
  std::optional<Grant> found;
  SingleFlight claims = context.claims();
  claims.run(
      grant.request_key, kFetchPatience,
      [&] {
        found = context.grants().live_for_key(grant.request_key);
        if (found && !is_fresh(context, *found, access.ttl)) found.reset();
        return found.has_value();
      },
      [&](const StageReport& stage) {
        Credential credential;
        or_record_failure(context, grant, session, [&] {
          // Without a place to keep it nothing is asked for.
          const std::string store = context.ephemeral_store().name();
          stage("asks provider " + role.provider);
          credential = issue(context, role, grant,
                             {access, kept_tier(context, role), session, false, stage});
          grant.store = store;
        });
        grant.description.notes.insert(grant.description.notes.end(), notes.begin(), notes.end());
        keep(context, role, grant, credential, session, true);
        found = grant;
      },
      [](const std::string& whom) { warn(whom); });
  if (found->id != grant.id) {
    LedgerRecord record = grant_record(RecordKind::Ended, grant, session);
    record.text["joined"] = found->id;
    context.ledger().append(record, Durability::Written);
  }
  return *found;
}

CommandCredential issue_once(Context& context, const Role& role, Grant& grant,
                             const AccessRequest& access, Tier tier) {
  CommandCredential made;
  made.session = new_session_id(context);
  record_request(context, role, grant, access, made.session, "request once");
  or_record_failure(context, grant, made.session, [&] {
    made.credential = issue(context, role, grant, {access, tier, made.session, true, {}});
  });
  return made;
}

Grant renew_grant(Context& context, const Grant& grant, Seconds ttl,
                  const ApprovalAnswers& answers) {
  const Role& role = context.config().role(grant.role);
  AccessRequest access{role.name, ttl, grant.reason, grant.ticket};
  check_request(context, role, access, answers);
  const std::string session = new_session_id(context);
  Grant renewed = grant;
  set_span(context, renewed, access.ttl);
  record_request(context, role, renewed, access, session, "renew");
  const Tier tier = kept_tier(context, role);
  Credential credential;
  or_record_failure(context, renewed, session, [&] {
    std::optional<Credential> current =
        context.grants().credential(grant, tier, context.store_of(grant));
    const IssueRequest request{role, access, context.actor().person, grant.id, tier, renewed.until};
    std::optional<Issued> longer;
    if (current) longer = context.provider(role).renew(request, *current);
    credential = longer ? std::move(longer->credential)
                        : issue(context, role, renewed, {access, tier, session, false, {}});
  });
  keep(context, role, renewed, credential, session, true);
  return renewed;
}

Credential live_credential(Context& context, const Grant& grant, Tier tier, WallTime later_than) {
  const Role& role = context.config().role(grant.role);
  EphemeralStore& store = context.store_of(grant);
  std::optional<Credential> found;
  const auto find_kept = [&] {
    found = context.grants().credential(grant, tier, store);
    if (found && (!found->usable(context.clock().now()) || found->expires_at <= later_than)) {
      found.reset();
    }
    return found.has_value();
  };
  if (find_kept()) return std::move(*found);
  SingleFlight claims = context.claims();
  claims.run(
      sha256_hex(grant.id + ":" + std::string(tier_name(tier))), kFetchPatience, find_kept,
      [&](const StageReport& stage) {
        stage("asks provider " + role.provider);
        const std::string session = new_session_id(context);
        Grant again = grant;
        const AccessRequest access{role.name, Seconds{0}, grant.reason, grant.ticket};
        record_request(context, role, again, access, session, "fetch");
        or_record_failure(context, again, session, [&] {
          found = issue(context, role, again, {access, tier, session, false, stage});
        });
        keep(context, role, again, *found, session, false);
      },
      [](const std::string& whom) { warn(whom); });
  return std::move(*found);
}

CommandCredential issue_for_command(Context& context, const Grant& grant, Tier tier) {
  const Role& role = context.config().role(grant.role);
  CommandCredential made;
  made.session = new_session_id(context);
  Grant again = grant;
  const AccessRequest access{role.name, Seconds{0}, grant.reason, grant.ticket};
  record_request(context, role, again, access, made.session, "fetch for one command");
  or_record_failure(context, grant, made.session, [&] {
    made.credential = issue(context, role, again, {access, tier, made.session, false, {}});
    try {
      context.grants().add_handle(grant, made.credential.handle);
    } catch (const Error&) {
      context.provider(role).revoke(role, made.credential.handle, &made.credential);
      throw;
    }
  });
  return made;
}

bool keeps_credential(Context& context, const Role& role, Tier tier) {
  return !serves_one_command(context, role, tier);
}

}  // namespace prodaccess
