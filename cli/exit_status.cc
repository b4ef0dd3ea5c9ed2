#include "cli/exit_status.h"

namespace prodaccess {

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage: return kUsage;
    case ErrorCode::Denied:
    case ErrorCode::Locked: return kRefused;
    case ErrorCode::ApprovalRequired: return kNotYet;
    case ErrorCode::NoGrant: return kNoGrant;
    default: return kFailed;
  }
}

int exec_exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage: return kUsage;
    case ErrorCode::Denied:
    case ErrorCode::Locked:
    case ErrorCode::ApprovalRequired: return kExecRefused;
    default: return kExecFailed;
  }
}

int verdict_exit_status(Verdict verdict) {
  switch (verdict) {
    case Verdict::Allow: return kDone;
    case Verdict::Confirm: return kMustConfirm;
    case Verdict::Approve: return kNotYet;
    case Verdict::Deny: break;
  }
  return kRefused;
}

}  // namespace prodaccess
