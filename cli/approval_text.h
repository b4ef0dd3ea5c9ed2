// The words for a request for approval: what `approve` shows before it signs, and `approvals`
// lists. Pure; not escaped, the output is (output.h).
#pragma once

#include <string>
#include <vector>

#include "core/policy/approval.h"

namespace prodaccess {

// All that is asked, one line each.
std::vector<std::string> request_lines(const ApprovalStatement& statement);

// "ops: kubectl delete deployment api" or "role ops for 30m".
std::string request_phrase(const ApprovalStatement& statement);

}  // namespace prodaccess
