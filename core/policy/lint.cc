#include "core/policy/lint.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/policy/layer.h"

namespace prodaccess {
namespace {

using Globs = std::vector<std::string>;

bool is_literal(std::string_view glob) { return glob.find_first_of("*?\\") == std::string::npos; }

// Whether all that `inner` fits is fit by `outer` too; in doubt no.
bool covers(const std::string& outer, const std::string& inner) {
  if (outer == "*" || outer == inner) return true;
  if (is_literal(inner)) return glob_match(outer, inner);
  // "ec2 *" covers "ec2 run-*": the outer's only wildcard is its last character.
  const std::size_t star = outer.find_first_of("*?\\");
  return star != std::string::npos && star + 1 == outer.size() && outer[star] == '*' &&
         inner.find_first_of("*?\\") >= star && inner.compare(0, star, outer, 0, star) == 0;
}

bool covers(const Globs& outer, const Globs& inner) {
  if (outer.empty()) return true;
  return !inner.empty() && std::all_of(inner.begin(), inner.end(), [&](const std::string& glob) {
    return std::any_of(outer.begin(), outer.end(),
                       [&](const std::string& wide) { return covers(wide, glob); });
  });
}

// Whether `strict` matches wherever `rule` does and asks at least as much: then `rule` is idle.
bool shadows(const Rule& strict, const Rule& rule) {
  if (!strict.says.verdict || !rule.says.verdict || *strict.says.verdict < *rule.says.verdict) {
    return false;
  }
  if (strict.hours || strict.count || strict.scale || strict.argument || strict.reversible ||
      strict.interactive || strict.project_code) {
    return false;  // conditions that are not compared
  }
  for (std::size_t i = 0; i < kDimensionCount; ++i) {
    if (!covers(strict.globs[i], rule.globs[i])) return false;
  }
  const Statement& says = rule.says;
  const bool obliges = says.reason || says.ticket || says.security_key || !says.alert.empty() ||
                       says.max_per_hour || says.recording || says.lock ||
                       says.preview.value_or(false);
  return strict.says.verdict == Verdict::Deny ||
         (!obliges && says.approvals == strict.says.approvals &&
          says.confirmations == strict.says.confirmations);
}

class Linter {
 public:
  Linter(const Policy& policy, const LintWorld& world) : policy_(policy), world_(world) {
    labels_.insert("production");
    for (const auto& [key, labels] : policy.environments) {
      labels_.insert(labels.begin(), labels.end());
    }
  }

  std::vector<LintFinding> run() {
    const bool governed = !policy_.self_governed;
    lint_layers(policy_.system, false);
    lint_layers(policy_.user, governed);
    return std::move(findings_);
  }

 private:
  using Layers = std::vector<std::shared_ptr<const PolicyLayer>>;

  void lint_layers(const Layers& layers, bool narrows_only) {
    std::vector<const Rule*> rules;
    for (const auto& layer : layers) {
      for (const Rule& rule : layer->rules) rules.push_back(&rule);
    }
    for (const Rule* rule : rules) {
      lint_names(*rule);
      if (narrows_only && rule->says.verdict == Verdict::Allow) {
        add(*rule, "a user's file under a system layer only narrows: this allow does nothing");
      }
    }
    lint_pairs(rules);
  }

  void lint_names(const Rule& rule) {
    none_fits(rule, Dimension::Role, world_.roles, "no role of the configuration");
    none_fits(rule, Dimension::Label, labels_, "no label of [environments]");
    none_fits(rule, Dimension::Tool, world_.tools, "no tool that a pack knows");
    none_fits(rule, Dimension::Anomaly, world_.anomalies, "nothing that is ever called unusual");
    if (!rule.says.alert.empty() && world_.sinks.count(rule.says.alert) == 0) {
      add(rule, "nobody is alerted: no sink '" + rule.says.alert + "' in [audit]");
    }
    lint_actions(rule);
    for (const ApprovalNeed& need : rule.says.approvals) {
      if (!need.group.empty() && world_.groups.count(need.group) == 0) {
        add(rule, "nobody can approve: no group '" + need.group + "' in [approvals.groups]");
      }
    }
  }

  void none_fits(const Rule& rule, Dimension dimension, const std::set<std::string>& known,
                 const std::string& what) {
    const std::string key(kDimensionKeys[static_cast<std::size_t>(dimension)]);
    for (const std::string& glob : rule.on(dimension)) {
      const bool fits = std::any_of(known.begin(), known.end(), [&](const std::string& name) {
        return glob_match(glob, name);
      });
      if (!fits) add(rule, key + " \"" + glob + "\" fits " + what);
    }
  }

  // An action that no verb of the named tools has.
  void lint_actions(const Rule& rule) {
    const Globs& tools = rule.on(Dimension::Tool);
    if (rule.on(Dimension::Action).empty() || tools.empty() || !world_.verbs) return;
    std::vector<std::string> verbs;
    for (const std::string& tool : world_.tools) {
      const bool named = std::any_of(tools.begin(), tools.end(), [&](const std::string& glob) {
        return glob_match(glob, tool);
      });
      if (!named) continue;
      const auto more = world_.verbs(tool);
      verbs.insert(verbs.end(), more.begin(), more.end());
    }
    if (verbs.empty()) return;
    for (const std::string& glob : rule.on(Dimension::Action)) {
      const bool fits = std::any_of(verbs.begin(), verbs.end(), [&](const std::string& verb) {
        return glob_match(glob, verb);
      });
      if (fits) continue;
      const auto guess = nearest(glob, verbs);
      add(rule, "action \"" + glob + "\" fits no verb of " + join(tools, ", ") +
                    (guess ? "; did you mean \"" + *guess + "\"?" : ""));
    }
  }

  void lint_pairs(const std::vector<const Rule*>& rules) {
    std::map<std::string, const Rule*> seen;
    for (const Rule* rule : rules) {
      const auto [at, fresh] = seen.emplace(conditions_text(*rule), rule);
      // An obligation beside a verdict is no repetition.
      if (fresh || !at->second->says.verdict || !rule->says.verdict) continue;
      const bool same = at->second->says.verdict == rule->says.verdict;
      add(*rule,
          (same ? "the same conditions and verdict as rule '" : "the same conditions as rule '") +
              at->second->reference.id + "' at " + at->second->reference.source);
    }
    for (const Rule* rule : rules) {
      const auto strict = std::find_if(rules.begin(), rules.end(), [&](const Rule* other) {
        return other != rule && shadows(*other, *rule) && !shadows(*rule, *other);
      });
      if (strict == rules.end()) continue;
      add(*rule, "never decides: rule '" + (*strict)->reference.id + "' at " +
                     (*strict)->reference.source + " always matches too and is as strict");
    }
  }

  void add(const Rule& rule, std::string message) {
    findings_.push_back({rule.reference.source, rule.reference.id, std::move(message)});
  }

  const Policy& policy_;
  const LintWorld& world_;
  std::set<std::string> labels_;
  std::vector<LintFinding> findings_;
};

}  // namespace

std::vector<LintFinding> lint_policy(const Policy& policy, const LintWorld& world) {
  return Linter(policy, world).run();
}

}  // namespace prodaccess
