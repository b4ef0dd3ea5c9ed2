#include "core/policy/builtin.h"

namespace prodaccess {
namespace {

Ruling statement(const char* id, Verdict verdict, std::string reason) {
  Ruling ruling;
  ruling.verdict = verdict;
  const RuleReference reference{std::string("built-in:") + id, "built-in"};
  ruling.deciding.insert(reference);
  ruling.considered.insert(reference);
  ruling.texts.insert(reference.id);
  if (!reason.empty()) ruling.reasons.insert(std::move(reason));
  return ruling;
}

// Confirm for a person at a terminal, approve for everybody else.
Ruling asks(const char* id, Effect effect, std::string reason, const DecisionContext& context) {
  const bool ask = can_ask(context);
  Ruling ruling = statement(id, ask ? Verdict::Confirm : Verdict::Approve, std::move(reason));
  if (ask) {
    ruling.obligations.confirmations = confirmations_for(effect);
  } else {
    ruling.obligations.approvals.push_back({"", 1});
  }
  ruling.obligations.preview = effect == Effect::Destructive;
  return ruling;
}

Ruling opaque_ruling(const Circumstances& circumstances, const DecisionContext& context) {
  if (circumstances.trusted_program) {
    return statement("trusted-program", Verdict::Allow, "the program is a trusted one");
  }
  if (fenced_by_provider(context)) {
    return statement(
        "opaque-narrowed", Verdict::Allow,
        "the provider narrows the credential to " + std::string(effect_name(*context.narrowed)));
  }
  return asks("opaque", Effect::Opaque, "what it does is not on the line", context);
}

Ruling harmless_ruling(const Invocation& part, Effect effect, const Circumstances& circumstances,
                       const DecisionContext& context) {
  const bool shows_credential = part.kind == "environment" && context.in_grant &&
                                context.identity == IdentityClass::Agent &&
                                !fenced_by_provider(context);
  const std::optional<std::int64_t> bound = circumstances.scale_bound;
  Ruling ruling = statement(effect == Effect::Read ? "read" : "write", Verdict::Allow, "");
  if (circumstances.labels.count("sensitive") != 0) {
    join(ruling, asks("sensitive", effect, "the target is labelled sensitive", context));
  }
  if (shows_credential) {
    join(ruling,
         asks("environment", effect,
              "it lists the environment, where the credential is, for an agent to read", context));
  }
  if (bound && part.scale && *part.scale > *bound) {
    join(ruling, asks("scale", effect,
                      "creates or grows " + std::to_string(*part.scale) + ", above the bound of " +
                          std::to_string(*bound),
                      context));
  }
  return ruling;
}

}  // namespace

bool can_ask(const DecisionContext& context) {
  return context.identity == IdentityClass::Human && context.terminal;
}

bool fenced_by_provider(const DecisionContext& context) {
  if (!context.narrowed || *context.narrowed > Effect::Write) return false;
  if (!context.role_effects) return true;
  return context.role_effects->contains(Effect::Read) &&
         (*context.narrowed == Effect::Read || context.role_effects->contains(Effect::Write));
}

bool is_hidden(const Invocation& part) {
  return part.opaque_cause == OpaqueCause::Hidden || part.opaque_cause == OpaqueCause::Limit;
}

std::uint8_t confirmations_for(Effect effect) { return effect == Effect::Destructive ? 2 : 1; }

Ruling builtin_ruling(const Invocation& part, Effect effect, const Circumstances& circumstances,
                      const DecisionContext& context) {
  switch (effect) {
    case Effect::Read:
    case Effect::Write: return harmless_ruling(part, effect, circumstances, context);
    case Effect::Opaque: return opaque_ruling(circumstances, context);
    case Effect::Exfil:
      if (part.kind == "client_credential" && context.in_grant) {
        return statement("client-credential", Verdict::Allow, "");
      }
      return asks("exfil", effect, "prints secrets or moves bulk data out", context);
    case Effect::Privilege: return asks("privilege", effect, "changes who may do what", context);
    case Effect::Destructive: break;
  }
  if (is_hidden(part)) {
    return asks("hidden", Effect::Destructive,
                "part of it cannot be read, which counts as destructive", context);
  }
  return asks("destructive", Effect::Destructive, "deletes, overwrites or takes down", context);
}

}  // namespace prodaccess
