// Decision: what a policy says of one invocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/identity_class.h"
#include "core/command/effect.h"

namespace prodaccess {

// From mildest to strictest; verdicts are joined by the strictest.
enum class Verdict : std::uint8_t { Allow, Confirm, Approve, Deny };

std::string_view verdict_name(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view name);
constexpr Verdict stricter(Verdict a, Verdict b) { return a < b ? b : a; }

// One statement that decided, or was considered: its id and where it stands.
struct RuleReference {
  std::string id;      // "built-in:destructive", "no-prod-deletes-at-night"
  std::string source;  // "built-in", "role", or FILE:LINE:COLUMN

  auto operator<=>(const RuleReference&) const = default;
};

// `count` different people of `group` ("" for any signer) must have signed.
struct ApprovalNeed {
  std::string group;
  std::uint8_t count = 1;

  auto operator<=>(const ApprovalNeed&) const = default;
};

// What must be so before an allowed, confirmed or approved command runs.
struct Obligations {
  bool preview = false;
  bool reason = false;
  bool ticket = false;
  std::optional<std::int64_t> max_per_hour;  // destructive commands under the role
  std::vector<std::string> alerts;           // the sinks to tell before it starts, sorted
  // confirm_with = "security-key": whoever confirms or approves signs with an sk- key and touch.
  bool security_key = false;
  bool recording = false;               // on a terminal of our own
  std::uint8_t confirmations = 0;       // 1: the target's name; 2: and a fresh challenge
  std::vector<ApprovalNeed> approvals;  // all of them; one entry a group, sorted

  bool operator==(const Obligations&) const = default;
};

struct Decision {
  Verdict verdict = Verdict::Deny;
  Obligations obligations;
  RuleReference rule;                     // the one that decided
  std::vector<RuleReference> deciding;    // every rule as strict as that one, sorted
  std::vector<RuleReference> considered;  // every rule that matched, sorted
  std::vector<std::string> reasons;       // in plain words, for the prompt
  std::string message;                    // the rules' own
  std::vector<std::string> labels;        // the targets' labels, sorted
  // The rules that refused and say `lock`: the role stays locked for this person.
  std::vector<RuleReference> locking;
  // SHA-256 over the text of the deciding rules and the obligations, hex: what a confirmation or
  // an approval is bound to. "" for Allow, which nothing binds.
  std::string rules_digest;
};

}  // namespace prodaccess
