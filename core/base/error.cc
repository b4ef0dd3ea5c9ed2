#include "core/base/error.h"

#include <cerrno>
#include <system_error>

#include "core/base/living_secrets.h"

namespace prodaccess {

std::string_view code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::Usage: return "usage";
    case ErrorCode::Config: return "config_invalid";
    case ErrorCode::Policy: return "policy_invalid";
    case ErrorCode::Provider: return "provider_failed";
    case ErrorCode::Keyring: return "keyring_unavailable";
    case ErrorCode::Ledger: return "ledger_failed";
    case ErrorCode::System: return "system_failed";
    case ErrorCode::NoGrant: return "no_grant";
    case ErrorCode::Denied: return "denied";
    case ErrorCode::ApprovalRequired: return "approval_required";
    case ErrorCode::Locked: return "locked";
    case ErrorCode::NotFound: return "not_found";
    case ErrorCode::Unsafe: return "unsafe_path";
    case ErrorCode::Busy: return "busy";
    case ErrorCode::Internal: return "internal";
  }
  return "internal";
}

Error::Error(ErrorCode code, const std::string& what, std::vector<std::string> hints)
    : std::runtime_error(without_secrets(what)), code_(code), hints_(std::move(hints)) {
  for (std::string& hint : hints_) hint = without_secrets(std::move(hint));
}

Error system_error(const std::string& doing, int errno_value, std::vector<std::string> hints) {
  if (errno_value == ENOSPC || errno_value == EDQUOT) {
    hints.emplace_back(
        "make room, then run it again: df -h shows which disk, df -i how many files");
  }
  return {ErrorCode::System, doing + ": " + std::generic_category().message(errno_value),
          std::move(hints)};
}

}  // namespace prodaccess
