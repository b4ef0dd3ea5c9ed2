// Rule: one statement about commands, as a policy file makes it (prodaccess-policy(5), RULES).
//
// A rule looks at a Subject: one part of a command, on one target, with one effect. Each Dimension
// that the rule names must fit, by any of its globs. What is unknown (an account that the line does
// not give, the count of a pattern) fits a rule that restricts, and no rule that allows: unknown is
// never milder. Threads: pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/command/invocation.h"
#include "core/policy/decide.h"
#include "core/policy/hours.h"
#include "core/policy/ruling.h"

namespace prodaccess {

// What rules match by text, in the order of kDimensions.
enum class Dimension : std::uint8_t {
  Role,
  Identity,
  Tool,
  Action,
  Effect,
  Kind,
  System,
  Account,
  Cluster,
  Namespace,
  Region,
  Resource,
  Name,
  Label,
  Anomaly,
};
inline constexpr std::size_t kDimensionCount = 15;
// Their keys in a policy file.
inline constexpr std::array<std::string_view, kDimensionCount> kDimensionKeys{
    "role",    "identity",  "tool",   "action",   "effect", "kind",   "system", "account",
    "cluster", "namespace", "region", "resource", "name",   "labels", "anomaly"};

// Never lowers certainty: a conjunction is the worst of its terms.
enum class Match : std::uint8_t { No, Unknown, Yes };

struct Range {
  std::optional<std::int64_t> above;
  std::optional<std::int64_t> below;

  bool contains(std::int64_t value) const {
    return (!above || value > *above) && (!below || value < *below);
  }
};

// A word of the command that fits one of `any` and none of `except`.
struct ArgumentCondition {
  std::vector<std::string> any;
  std::vector<std::string> except;
};

// What a rule says. Without a verdict it only adds its obligations.
struct Statement {
  std::optional<Verdict> verdict;
  std::optional<bool> preview;                // absent: as the verdict and effect need
  std::optional<std::uint8_t> confirmations;  // absent: 2 for destructive, else 1
  std::vector<ApprovalNeed> approvals;
  bool reason = false;
  bool ticket = false;
  bool security_key = false;
  bool recording = false;
  bool lock = false;  // whoever is refused by it stays locked out until somebody takes it off
  std::string alert;
  std::optional<std::int64_t> max_per_hour;
  std::string message;
};

struct Rule {
  RuleReference reference;
  std::array<std::vector<std::string>, kDimensionCount> globs;  // empty: any
  std::optional<Hours> hours;
  std::optional<bool> reversible;
  std::optional<bool> interactive;
  std::optional<bool> project_code;
  std::optional<Range> count;
  std::optional<Range> scale;
  std::optional<ArgumentCondition> argument;
  Statement says;
  std::string text;  // canonical: conditions and statement; equal rules have equal texts

  const std::vector<std::string>& on(Dimension dimension) const {
    return globs[static_cast<std::size_t>(dimension)];
  }
};

// The name by which a known tool was called: a pack serves several programs ("make", "tofu").
std::string_view typed_tool(const Invocation& part);

// One part of a command, on one target, with one effect. Views must outlive it.
struct Subject {
  struct Values {
    std::string_view one;
    std::vector<std::string_view> many;  // instead of `one`, where `is_list`
    bool is_list = false;                // labels, anomalies: any may fit
    bool unknown = false;                // could be anything, or all that the pattern `one` fits
  };

  Subject(const Invocation& part, const Target& target, Effect effect,
          const std::set<std::string>& labels, const DecisionContext& context);

  const Invocation& part;
  const DecisionContext& context;
  Effect effect;
  std::array<Values, kDimensionCount> values;
  std::optional<std::int64_t> count;
};

Match matches(const Rule& rule, const Subject& subject);

// What the rule says of a subject that it matches. An uncertain match never allows: then it only
// adds its obligations.
Ruling ruling_of(const Rule& rule, const Subject& subject, Match match);

// The canonical text: `conditions_text` and what it says.
std::string conditions_text(const Rule& rule);
std::string rule_text(const Rule& rule);

}  // namespace prodaccess
