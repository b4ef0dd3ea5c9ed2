// access: from a request to a grant and its credential, the way every command takes it.
//
// The order is that of prodaccess-ledger(5): intent, claim, issue, issued, store, stored. What
// cannot be recorded is not fetched; what was issued but could not be kept is ended again at the
// provider.
#pragma once

#include <string>

#include "cli/approval_gate.h"
#include "core/grant/grant.h"
#include "core/grant/provider.h"
#include "core/grant/role.h"

namespace prodaccess {

class Context;

// Checks a request against its role: duration, reason, ticket, who may ask, and the approvals that
// the role needs. Fills in the role's default where no duration was given. Throws Error{Usage}
// naming the limit, Error{Denied} for who, and as require_approval.
void check_request(Context& context, const Role& role, AccessRequest& access,
                   const ApprovalAnswers& answers);

// A grant that is kept. The same request made by many processes at once is one grant.
Grant obtain_grant(Context& context, const Role& role, const AccessRequest& access);

// A grant for this role and request, from now, of which nothing is issued or kept yet.
Grant plan_grant(Context& context, const Role& role, const AccessRequest& access);

// A credential that a grant does not keep. Who asked for it ends it, and closes `session` in the
// ledger.
struct CommandCredential {
  Credential credential;
  std::string session;
};

// One that is kept nowhere, for `exec --once` and `creds --once`.
CommandCredential issue_once(Context& context, const Role& role, Grant& grant,
                             const AccessRequest& access, Tier tier);

// A new end for `grant`: a new decision, recorded as one.
Grant renew_grant(Context& context, const Grant& grant, Seconds ttl,
                  const ApprovalAnswers& answers);

// The credential of a live grant, fetched again by one process where the store has none that lives
// long enough; one that ends after `later_than`.
Credential live_credential(Context& context, const Grant& grant, Tier tier,
                           WallTime later_than = {});

// Whether a grant of `role` keeps its credential of `tier`. A wide one beside a read tier is not
// kept: an agent of the same user could read it.
bool keeps_credential(Context& context, const Role& role, Tier tier);

// One for one command of a live grant.
CommandCredential issue_for_command(Context& context, const Grant& grant, Tier tier);

// Everything that shapes a credential, hashed: requests with equal keys ask for the same thing.
std::string request_key(Context& context, const Role& role, const AccessRequest& access);

}  // namespace prodaccess
