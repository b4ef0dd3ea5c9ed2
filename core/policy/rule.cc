#include "core/policy/rule.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/policy/builtin.h"

namespace prodaccess {
namespace {

// Where a target of this system can be at all: elsewhere an empty field means "does not apply".
bool has_account(std::string_view system) {
  return system == "aws" || system == "gcp" || system == "azure";
}
bool has_cluster(std::string_view system) {
  return system == "kube" || system == "postgres" || system == "mysql";
}

void set(Subject::Values& values, std::string_view text, bool unknown_if_empty) {
  values.one = text;
  values.unknown = unknown_if_empty && text.empty();
}

// How many things: what the line says, else the targets it names one by one.
std::optional<std::int64_t> count_of(const Invocation& part) {
  if (part.count) return part.count;
  const bool named =
      std::all_of(part.targets.begin(), part.targets.end(),
                  [](const Target& target) { return !target.pattern && !target.name.empty(); });
  if (part.targets.empty() || !named) return std::nullopt;
  return static_cast<std::int64_t>(part.targets.size());
}

// Whether some text may fit both: judged by what stands before their first wildcards.
bool may_overlap(std::string_view a, std::string_view b) {
  const std::string_view head_a = a.substr(0, a.find_first_of("*?\\"));
  const std::string_view head_b = b.substr(0, b.find_first_of("*?\\"));
  const std::size_t shared = std::min(head_a.size(), head_b.size());
  return head_a.substr(0, shared) == head_b.substr(0, shared);
}

Match match_unknown(const std::vector<std::string>& globs, std::string_view pattern) {
  const bool is_glob = pattern.find('*') != std::string_view::npos;
  Match match = Match::No;
  for (const std::string& glob : globs) {
    if (glob == "*") return Match::Yes;
    if (!is_glob || may_overlap(glob, pattern)) match = Match::Unknown;
  }
  return match;
}

Match match_globs(const std::vector<std::string>& globs, const Subject::Values& values) {
  if (globs.empty()) return Match::Yes;
  if (values.unknown) return match_unknown(globs, values.one);
  const auto fits = [&globs](std::string_view text) {
    return std::any_of(globs.begin(), globs.end(),
                       [text](const std::string& glob) { return glob_match(glob, text); });
  };
  const bool found =
      values.is_list ? std::any_of(values.many.begin(), values.many.end(), fits) : fits(values.one);
  return found ? Match::Yes : Match::No;
}

// Nobody counts what a read or a plain write touches; of the rest an unknown count may be any.
Match match_count(const Range& range, const Subject& subject) {
  if (subject.count) return range.contains(*subject.count) ? Match::Yes : Match::No;
  return subject.effect > Effect::Write ? Match::Unknown : Match::No;
}

Match match_argument(const ArgumentCondition& condition, const std::vector<std::string>& argv) {
  const auto fits = [](const std::vector<std::string>& globs, const std::string& word) {
    return std::any_of(globs.begin(), globs.end(),
                       [&word](const std::string& glob) { return glob_match(glob, word); });
  };
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (fits(condition.any, argv[i]) && !fits(condition.except, argv[i])) return Match::Yes;
  }
  return Match::No;
}

Match both(Match a, Match b) { return std::min(a, b); }

std::uint8_t confirmations_of(const Statement& says, const Subject& subject) {
  if (!says.confirmations) return confirmations_for(subject.effect);
  // Two may be joined into one only for what can be undone.
  const bool joinable =
      subject.effect != Effect::Destructive || subject.part.reversible.value_or(false);
  return joinable ? *says.confirmations : std::max<std::uint8_t>(2, *says.confirmations);
}

std::string quoted_list(const std::vector<std::string>& items) {
  std::vector<std::string> sorted = items;
  std::sort(sorted.begin(), sorted.end());
  std::string text = "[";
  for (const std::string& item : sorted) {
    text += std::to_string(item.size()) + ":" + item + ",";
  }
  return text + "]";
}

std::string range_text(const Range& range) {
  return "(" + (range.above ? std::to_string(*range.above) : "") + ".." +
         (range.below ? std::to_string(*range.below) : "") + ")";
}

}  // namespace

std::string_view typed_tool(const Invocation& part) {
  if (part.tool.empty() || part.argv.empty()) return part.tool;
  const std::string_view program = part.argv.front();
  return program.substr(program.rfind('/') + 1);
}

Subject::Subject(const Invocation& the_part, const Target& target, Effect the_effect,
                 const std::set<std::string>& labels, const DecisionContext& the_context)
    : part(the_part), context(the_context), effect(the_effect), count(count_of(the_part)) {
  const auto at = [this](Dimension dimension) -> Values& {
    return values[static_cast<std::size_t>(dimension)];
  };
  set(at(Dimension::Role), context.role, false);
  set(at(Dimension::Identity), identity_class_name(context.identity), false);
  set(at(Dimension::Tool), part.tool, false);
  if (const std::string_view name = typed_tool(part); name != part.tool) {
    at(Dimension::Tool).is_list = true;
    at(Dimension::Tool).many = {part.tool, name};
  }
  set(at(Dimension::Action), part.action, false);
  set(at(Dimension::Effect), effect_name(effect), false);
  set(at(Dimension::Kind), part.kind, false);
  // No target known at all: what changes something may change anything.
  const bool anywhere = target.system.empty() && effect > Effect::Read;
  set(at(Dimension::System), target.system, anywhere);
  set(at(Dimension::Account), target.account, anywhere || has_account(target.system));
  set(at(Dimension::Cluster), target.cluster, anywhere || has_cluster(target.system));
  set(at(Dimension::Namespace), target.namespace_, anywhere || has_cluster(target.system));
  set(at(Dimension::Region), target.region, anywhere || has_account(target.system));
  set(at(Dimension::Resource), target.kind, anywhere || !target.system.empty());
  set(at(Dimension::Name), target.name, anywhere || !target.system.empty());
  at(Dimension::Name).unknown |= target.pattern;
  const auto set_list = [](Subject::Values& list, const auto& names) {
    list.is_list = true;
    list.many.assign(names.begin(), names.end());
  };
  set_list(at(Dimension::Label), labels);
  set_list(at(Dimension::Anomaly), context.anomalies);
}

Match matches(const Rule& rule, const Subject& subject) {
  Match match = Match::Yes;
  for (std::size_t i = 0; i < kDimensionCount; ++i) {
    match = both(match, match_globs(rule.globs[i], subject.values[i]));
    if (match == Match::No) return match;
  }
  if (rule.hours && !rule.hours->contains(subject.context.now)) return Match::No;
  if (rule.scale && !(subject.part.scale && rule.scale->contains(*subject.part.scale))) {
    return Match::No;
  }
  if (rule.interactive && *rule.interactive != subject.part.interactive) return Match::No;
  if (rule.project_code && *rule.project_code != subject.part.runs_project_code) return Match::No;
  if (rule.argument) match = both(match, match_argument(*rule.argument, subject.part.argv));
  if (rule.count) match = both(match, match_count(*rule.count, subject));
  if (rule.reversible) {
    const std::optional<bool>& known = subject.part.reversible;
    match = both(match, !known                       ? Match::Unknown
                        : *known == *rule.reversible ? Match::Yes
                                                     : Match::No);
  }
  return match;
}

Ruling ruling_of(const Rule& rule, const Subject& subject, Match match) {
  const Statement& says = rule.says;
  Ruling ruling;
  ruling.considered.insert(rule.reference);
  Obligations& obligations = ruling.obligations;
  obligations.reason = says.reason;
  obligations.ticket = says.ticket;
  obligations.security_key = says.security_key;
  obligations.recording = says.recording;
  obligations.max_per_hour = says.max_per_hour;
  if (!says.alert.empty()) obligations.alerts.push_back(says.alert);
  obligations.approvals = says.approvals;
  ruling.verdict = says.verdict.value_or(Verdict::Allow);
  if (ruling.verdict == Verdict::Confirm || says.confirmations) {
    obligations.confirmations = confirmations_of(says, subject);
  }
  obligations.preview = says.preview.value_or(
      subject.effect == Effect::Destructive &&
      (ruling.verdict == Verdict::Confirm || ruling.verdict == Verdict::Approve));

  const bool over_rate = says.max_per_hour && subject.effect == Effect::Destructive &&
                         subject.context.destructive_last_hour >= *says.max_per_hour;
  if (over_rate) {
    ruling.verdict = Verdict::Deny;
    ruling.reasons.insert("role " + subject.context.role + " has run " +
                          std::to_string(subject.context.destructive_last_hour) +
                          " destructive commands in the past hour; the most is " +
                          std::to_string(*says.max_per_hour));
  } else if (!says.verdict || (match == Match::Unknown && says.verdict == Verdict::Allow)) {
    return ruling;
  }
  if (says.lock && match == Match::Yes) ruling.locking.insert(rule.reference);
  ruling.deciding.insert(rule.reference);
  ruling.texts.insert(rule.text);
  if (!says.message.empty()) ruling.messages.insert(says.message);
  return ruling;
}

std::string conditions_text(const Rule& rule) {
  std::string text;
  for (std::size_t i = 0; i < kDimensionCount; ++i) {
    if (rule.globs[i].empty()) continue;
    text += std::string(kDimensionKeys[i]) + quoted_list(rule.globs[i]);
  }
  if (rule.hours) text += "hours(" + rule.hours->text() + ")";
  if (rule.reversible) text += *rule.reversible ? "reversible" : "irreversible";
  if (rule.project_code) text += *rule.project_code ? "project-code" : "no-project-code";
  if (rule.interactive) text += *rule.interactive ? "interactive" : "not-interactive";
  if (rule.count) text += "count" + range_text(*rule.count);
  if (rule.scale) text += "scale" + range_text(*rule.scale);
  if (rule.argument) {
    text += "argument" + quoted_list(rule.argument->any) + quoted_list(rule.argument->except);
  }
  return text;
}

std::string rule_text(const Rule& rule) {
  const Statement& says = rule.says;
  std::string text = "rule " + rule.reference.id + ": " + conditions_text(rule) + " => ";
  text += says.verdict ? verdict_name(*says.verdict) : "obliges";
  if (says.preview) text += *says.preview ? ",preview" : ",no-preview";
  if (says.confirmations) text += ",confirmations=" + std::to_string(*says.confirmations);
  for (const ApprovalNeed& need : says.approvals) {
    text += ",approvals=" + std::to_string(need.count) + quoted_list({need.group});
  }
  if (says.reason) text += ",reason";
  if (says.ticket) text += ",ticket";
  if (says.security_key) text += ",security-key";
  if (says.recording) text += ",recording";
  if (says.lock) text += ",lock";
  if (!says.alert.empty()) text += ",alert" + quoted_list({says.alert});
  if (says.max_per_hour) text += ",max_per_hour=" + std::to_string(*says.max_per_hour);
  return text;
}

}  // namespace prodaccess
