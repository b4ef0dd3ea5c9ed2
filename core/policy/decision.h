// Decision: what a policy says of one invocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/command/effect.h"

namespace prodaccess {

// From mildest to strictest; verdicts are joined by the strictest.
enum class Verdict : std::uint8_t { Allow, Confirm, Approve, Deny };

std::string_view verdict_name(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view name);
constexpr Verdict stricter(Verdict a, Verdict b) { return a < b ? b : a; }

enum class IdentityClass : std::uint8_t { Human, Ci, Agent };
std::string_view identity_class_name(IdentityClass identity);
std::optional<IdentityClass> parse_identity_class(std::string_view name);

// One statement that decided, or was considered: its id and where it stands.
struct RuleReference {
  std::string id;      // "built-in:destructive", "no-prod-deletes-at-night"
  std::string source;  // "built-in", or FILE:LINE
};

// What must be so before an allowed, confirmed or approved command runs.
struct Obligations {
  bool preview = false;
  bool reason = false;
  bool ticket = false;
  std::optional<std::int64_t> max_per_hour;
  std::string alert;               // the sink to tell before it starts
  bool security_key = false;       // confirm_with = "security-key"
  std::uint8_t confirmations = 0;  // 1: the target's name; 2: and a fresh challenge
  std::uint8_t approvals = 0;      // how many people
  std::string approvers;           // the group they come from; "" for any signer
};

struct Decision {
  Verdict verdict = Verdict::Deny;
  Obligations obligations;
  RuleReference rule;                     // the one that decided
  std::vector<RuleReference> considered;  // every rule that matched
  std::vector<std::string> reasons;       // in plain words, for the prompt
  std::string message;                    // the rule's own
  std::vector<std::string> labels;        // the targets' labels, sorted
};

}  // namespace prodaccess
