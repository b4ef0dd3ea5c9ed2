// approval_gate: where a command or a request waits for other people's signatures.
//
// Signers, people and places come from [approvals] of the trusted configuration; who asks is the
// kernel's uid and login uid. An approval that is accepted is marked as used, durably, before this
// returns: it serves once, whatever happens next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/policy/approval.h"

namespace prodaccess {

class Context;

struct ApprovalAnswers {
  std::vector<std::string> files;  // --approval FILE
  std::optional<Seconds> wait;     // --wait: how long to look for one
  std::string retry_line;          // what to type once it is there: "prodaccess exec ... --"
};

// [approvals], checked against the roles there are: a name that is none would leave a role without
// its approval.
ApprovalSettings approval_settings(Context& context);

// The approvals in the files of these names.
std::vector<ApprovalFile> read_approval_files(Context& context,
                                              const std::vector<std::string>& names);

// The people who approved. Throws Error{ApprovalRequired} with the request's file and the line that
// approves it where there is no approval yet, Error{Denied} where those given do not hold.
// `asked` needs neither nonce nor times: they are made here.
std::vector<std::string> require_approval(Context& context, ApprovalStatement asked,
                                          const std::vector<ApprovalNeed>& needs, bool security_key,
                                          const ApprovalAnswers& answers);

// What `asked` needs in any case: machine, uid, requester.
void fill_in_asker(ApprovalStatement& asked);

// The signers' file and the kernel's word on who asks, for `approvals` too.
AllowedSigners load_signers(Context& context, const ApprovalSettings& settings);
Asker observe_asker(const ApprovalSettings& settings);
// The approvals of `nonce` that lie in the configured places, or that the configured command gives.
std::vector<ApprovalFile> approvals_in_places(Context& context, const ApprovalSettings& settings,
                                              const std::string& nonce);

}  // namespace prodaccess
