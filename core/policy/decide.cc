#include "core/policy/decide.h"

#include <algorithm>

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/policy/builtin.h"
#include "core/policy/labels.h"
#include "core/policy/layer.h"
#include "core/policy/narrowing.h"
#include "core/policy/ruling.h"

namespace prodaccess {
namespace {

constexpr std::array<Effect, 6> kEffects{Effect::Read,  Effect::Write,     Effect::Opaque,
                                         Effect::Exfil, Effect::Privilege, Effect::Destructive};

void collect_effects(const Invocation& invocation, EffectSet& seen) {
  seen.insert(invocation.effect);
  for (const Invocation& part : invocation.parts) collect_effects(part, seen);
}

// Whether a part's target is where it acts itself: a whole may merely show that of its worst part.
bool has_target_of_its_own(const Invocation& part) {
  return !part.tool.empty() &&
         std::none_of(part.parts.begin(), part.parts.end(),
                      [&](const Invocation& inner) { return inner.targets == part.targets; });
}

class Judge {
 public:
  Judge(const Policy& policy, const Invocation& top, const DecisionContext& context)
      : policy_(policy), top_(top), context_(context) {
    collect_effects(top, seen_);
  }

  Ruling judge(const Invocation& part) {
    Effect worst = Effect::Read;
    return judge(part, context_.grant_target, worst);
  }

  const std::set<std::string>& labels() const { return labels_; }

 private:
  // Raises `worst` to the worst effect of the part and of all within it. `around`: where the
  // command acts that this part stands in, for what its own targets leave open.
  Ruling judge(const Invocation& part, const Target& around, Effect& worst) {
    std::vector<Target> targets;
    for (const Target& target : part.targets) {
      targets.push_back(filled_in(filled_in(target, around), context_.grant_target));
    }
    if (targets.empty()) targets.push_back(filled_in(Target{}, context_.grant_target));

    Ruling ruling;
    Effect worst_inside = Effect::Read;
    const bool lends = targets.size() == 1 && has_target_of_its_own(part);
    const Target& inside = lends ? targets.front() : context_.grant_target;
    for (const Invocation& inner : part.parts) join(ruling, judge(inner, inside, worst_inside));
    const bool trusted = context_.trusted_program && &part == &top_ && part.wrappers.empty();
    join(ruling, narrowing_ruling(part, trusted, context_));
    // What a compound only inherits from its parts is theirs to answer for.
    const bool own = part.parts.empty() || is_hidden(part) || part.effect > worst_inside;
    for (const Target& target : targets) join(ruling, judge_target(part, target, trusted, own));
    worst = worse(worst, worse(part.effect, worst_inside));
    return ruling;
  }

  // What this part counts as. A hidden one counts as all that was seen, and as destructive.
  EffectSet effects_of(const Invocation& part) const {
    EffectSet effects;
    if (is_hidden(part)) {
      effects = seen_;
      effects.insert(Effect::Destructive);
    }
    effects.insert(part.effect);
    return effects;
  }

  Ruling judge_target(const Invocation& part, const Target& target, bool trusted, bool own) {
    const std::set<std::string> labels = labels_of(target, policy_.environments);
    labels_.insert(labels.begin(), labels.end());
    const EffectSet effects = effects_of(part);
    Ruling ruling;
    for (const Effect effect : kEffects) {
      if (!effects.contains(effect)) continue;
      const Subject subject(part, target, effect, labels, context_);
      join(ruling, judge_subject(subject, {labels, policy_.scale_bound, trusted}, own));
    }
    return ruling;
  }

  // The governing layer decides, else the built-in table; the user's files only tighten.
  Ruling judge_subject(const Subject& subject, const Circumstances& circumstances, bool own) const {
    Ruling ruling;
    bool decided = false;
    for (const auto& layer : policy_.self_governed ? policy_.user : policy_.system) {
      decided |= join_matching(*layer, subject, ruling);
    }
    if (!decided || is_hidden(subject.part)) {
      // What carries other commands still reaches its own target.
      const Effect effect = own ? subject.effect : Effect::Read;
      join(ruling, builtin_ruling(subject.part, effect, circumstances, context_));
    }
    if (policy_.self_governed) return ruling;
    for (const auto& layer : policy_.user) join_matching(*layer, subject, ruling);
    return ruling;
  }

  // Joins what the layer's rules say; whether one of them certainly decides this subject.
  static bool join_matching(const PolicyLayer& layer, const Subject& subject, Ruling& ruling) {
    bool decided = false;
    layer.index.for_each_candidate(subject, [&](std::uint32_t position) {
      const Rule& rule = layer.rules[position];
      const Match match = matches(rule, subject);
      if (match == Match::No) return;
      decided |= match == Match::Yes && rule.says.verdict.has_value();
      join(ruling, ruling_of(rule, subject, match));
    });
    return decided;
  }

  const Policy& policy_;
  const Invocation& top_;
  const DecisionContext& context_;
  EffectSet seen_;
  std::set<std::string> labels_;
};

// Nobody to ask: whatever would be confirmed needs an approval.
void apply_floor(Ruling& ruling, const DecisionContext& context) {
  Obligations& obligations = ruling.obligations;
  if (can_ask(context)) return;
  if (ruling.verdict == Verdict::Confirm) ruling.verdict = Verdict::Approve;
  obligations.confirmations = 0;
  if (ruling.verdict == Verdict::Approve && obligations.approvals.empty()) {
    obligations.approvals.push_back({"", 1});
  }
}

std::string digest_of(const Ruling& ruling) {
  Sha256 hash;
  const auto add = [&hash](std::string_view text) {
    hash.update(std::to_string(text.size())).update(":").update(text);
  };
  add(verdict_name(ruling.verdict));
  for (const std::string& text : ruling.texts) add(text);
  for (const ApprovalNeed& need : ruling.obligations.approvals) {
    add(need.group);
    add(std::to_string(need.count));
  }
  add(ruling.obligations.security_key ? "security-key" : "");
  if (ruling.obligations.recording) add("recording");
  return hex(hash.finish());
}

template <typename T>
std::vector<T> to_vector(const std::set<T>& values) {
  return {values.begin(), values.end()};
}

// The rule to name: one that somebody wrote before one that is built in.
RuleReference named_rule(const std::set<RuleReference>& deciding) {
  if (deciding.empty()) return {"built-in:nothing", "built-in"};
  const auto written =
      std::find_if(deciding.begin(), deciding.end(),
                   [](const RuleReference& rule) { return rule.source != "built-in"; });
  return written == deciding.end() ? *deciding.begin() : *written;
}

}  // namespace

Decision decide(const Policy& policy, const Invocation& invocation,
                const DecisionContext& context) {
  Judge judge(policy, invocation, context);
  Ruling ruling = judge.judge(invocation);
  apply_floor(ruling, context);

  Decision decision;
  decision.verdict = ruling.verdict;
  decision.rule = named_rule(ruling.deciding);
  decision.deciding = to_vector(ruling.deciding);
  decision.considered = to_vector(ruling.considered);
  decision.reasons = to_vector(ruling.reasons);
  decision.message = join(to_vector(ruling.messages), " ");
  decision.labels = to_vector(judge.labels());
  if (ruling.verdict == Verdict::Deny) decision.locking = to_vector(ruling.locking);
  if (ruling.verdict != Verdict::Allow) decision.rules_digest = digest_of(ruling);
  decision.obligations = std::move(ruling.obligations);
  return decision;
}

}  // namespace prodaccess
