// Ruling: what one or more statements say of a command, in a form that joins.
//
// `join` is associative, commutative and idempotent, and Ruling{} is its neutral element; hence
// neither the order of rules nor that of parts can matter.
#pragma once

#include <set>
#include <string>

#include "core/policy/decision.h"

namespace prodaccess {

struct Ruling {
  Verdict verdict = Verdict::Allow;
  Obligations obligations;
  std::set<RuleReference> deciding;  // the statements as strict as `verdict`
  std::set<RuleReference> considered;
  std::set<RuleReference> locking;
  std::set<std::string> reasons;   // of the deciding ones
  std::set<std::string> messages;  // of the deciding ones
  std::set<std::string> texts;     // canonical text of the deciding rules, for the digest

  bool operator==(const Ruling&) const = default;
};

void join(Obligations& into, const Obligations& other);
void join(Ruling& into, const Ruling& other);

}  // namespace prodaccess
