// request_approval: the approvals that a role needs before anybody gets it, and the emergency that
// goes without them.
//
// Who must approve stands in [approvals.roles]; [approvals.break_glass] names the roles that may be
// had at once. An emergency asks a person at the terminal, is short, tells everybody who was
// skipped, and stays open until one of them has signed its review: until then there is no next one.
// Errors: Error{ApprovalRequired}, Error{Denied}, Error{Usage}; a refusal is recorded.
#pragma once

#include <string>
#include <vector>

#include "cli/approval_gate.h"
#include "core/grant/grant.h"
#include "core/grant/role.h"
#include "core/ledger/record.h"

namespace prodaccess {

class Context;

// Fills in who approved `access`, which was checked otherwise. For an emergency shortens it.
void approve_request(Context& context, const Role& role, AccessRequest& access,
                     const ApprovalAnswers& answers);

// What the intent of a request says of its approval; of an emergency also the review it waits for.
void add_request_approval(Context& context, LedgerRecord& record, const Grant& grant,
                          const AccessRequest& access);

// After the intent of an emergency: tells those who were skipped, or throws, and leaves the review
// where `approvals` lists it. Returns the notes for whoever asked.
std::vector<std::string> announce_emergency(Context& context, const LedgerRecord& intent);

// Records the reviews that hold: those in `given` and in the configured places.
void settle_reviews(Context& context, const std::vector<ApprovalFile>& given);

}  // namespace prodaccess
