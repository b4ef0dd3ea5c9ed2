#include "core/command/language/finding.h"

#include <algorithm>

namespace prodaccess {
namespace {

// A text of a million statements needs no million reasons or targets.
constexpr std::size_t kMostReasons = 16;
constexpr std::size_t kMostTargets = 64;

void add_reason(SqlFinding& finding, std::string_view reason) {
  if (reason.empty() || finding.reasons.size() >= kMostReasons) return;
  if (std::find(finding.reasons.begin(), finding.reasons.end(), reason) != finding.reasons.end())
    return;
  finding.reasons.emplace_back(reason);
}

void add_target(SqlFinding& finding, const Target& target) {
  if (finding.targets.size() >= kMostTargets) return;
  if (std::find(finding.targets.begin(), finding.targets.end(), target) == finding.targets.end())
    finding.targets.push_back(target);
}

// Irreversible if any part is; reversible only if every part that says so is.
void join_reversible(std::optional<bool>& into, const std::optional<bool>& other) {
  if (other.has_value()) into = into.value_or(true) && *other;
}

void collect(SqlFinding& into, const Invocation& invocation) {
  into.effect = worse(into.effect, invocation.effect);
  if (invocation.effect == Effect::Opaque || invocation.opaque_cause != OpaqueCause::NotOpaque)
    into.opaque_cause = std::max(into.opaque_cause, invocation.opaque_cause);
  join_reversible(into.reversible, invocation.reversible);
  for (const Target& target : invocation.targets) add_target(into, target);
  for (const std::string& reason : invocation.reasons) add_reason(into, reason);
  for (const Invocation& part : invocation.parts) collect(into, part);
}

}  // namespace

SqlFinding harmless_finding() {
  SqlFinding finding;
  finding.effect = Effect::Read;
  return finding;
}

void raise(SqlFinding& finding, Effect effect, std::string_view reason) {
  finding.effect = worse(finding.effect, effect);
  add_reason(finding, reason);
}

void raise_opaque(SqlFinding& finding, OpaqueCause cause, std::string_view reason) {
  finding.opaque_cause = std::max(finding.opaque_cause, cause);
  raise(finding, Effect::Opaque, reason);
}

void join(SqlFinding& into, const SqlFinding& other) {
  into.effect = worse(into.effect, other.effect);
  into.opaque_cause = std::max(into.opaque_cause, other.opaque_cause);
  join_reversible(into.reversible, other.reversible);
  for (const Target& target : other.targets) add_target(into, target);
  for (const std::string& reason : other.reasons) add_reason(into, reason);
}

void join(SqlFinding& into, const Invocation& other) { collect(into, other); }

void add_target(SqlFinding& finding, std::string_view system, std::string_view schema,
                std::string_view kind, std::string_view name) {
  Target target;
  target.system = system;
  target.namespace_ = schema;
  target.kind = kind;
  target.name = name;
  add_target(finding, target);
}

void join_shell(SqlFinding& into, Inner& inner, std::string_view command, std::string_view reason) {
  raise(into, Effect::Read, reason);
  join(into, inner.shell(Word{std::string(command)}));
}

}  // namespace prodaccess
