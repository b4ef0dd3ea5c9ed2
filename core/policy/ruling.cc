#include "core/policy/ruling.h"

#include <algorithm>

namespace prodaccess {
namespace {

void join_approvals(std::vector<ApprovalNeed>& into, const std::vector<ApprovalNeed>& other) {
  for (const ApprovalNeed& need : other) {
    const auto at = std::lower_bound(
        into.begin(), into.end(), need,
        [](const ApprovalNeed& a, const ApprovalNeed& b) { return a.group < b.group; });
    if (at != into.end() && at->group == need.group) {
      at->count = std::max(at->count, need.count);
    } else {
      into.insert(at, need);
    }
  }
}

void join_sorted(std::vector<std::string>& into, const std::vector<std::string>& other) {
  for (const std::string& name : other) {
    const auto at = std::lower_bound(into.begin(), into.end(), name);
    if (at == into.end() || *at != name) into.insert(at, name);
  }
}

}  // namespace

void join(Obligations& into, const Obligations& other) {
  into.preview |= other.preview;
  into.reason |= other.reason;
  into.ticket |= other.ticket;
  into.security_key |= other.security_key;
  into.recording |= other.recording;
  if (other.max_per_hour) {
    into.max_per_hour =
        std::min(into.max_per_hour.value_or(*other.max_per_hour), *other.max_per_hour);
  }
  into.confirmations = std::max(into.confirmations, other.confirmations);
  join_sorted(into.alerts, other.alerts);
  join_approvals(into.approvals, other.approvals);
}

void join(Ruling& into, const Ruling& other) {
  join(into.obligations, other.obligations);
  into.considered.insert(other.considered.begin(), other.considered.end());
  into.locking.insert(other.locking.begin(), other.locking.end());
  if (other.verdict < into.verdict) return;
  if (into.verdict < other.verdict) {
    into.verdict = other.verdict;
    into.deciding = other.deciding;
    into.reasons = other.reasons;
    into.messages = other.messages;
    into.texts = other.texts;
    return;
  }
  into.deciding.insert(other.deciding.begin(), other.deciding.end());
  into.reasons.insert(other.reasons.begin(), other.reasons.end());
  into.messages.insert(other.messages.begin(), other.messages.end());
  into.texts.insert(other.texts.begin(), other.texts.end());
}

}  // namespace prodaccess
