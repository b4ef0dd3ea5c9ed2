// The words for policies and decisions: what `policy show`, `policy check`, `approve` and `hook`
// print of them. Pure; nothing here is escaped, the output is (output.h).
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/command/invocation.h"
#include "core/policy/decision.h"
#include "core/policy/rule.h"

namespace prodaccess {

// "tool aws, action ec2 *, labels production, outside 08:00-20:00 Europe/Berlin"; "always" for
// none.
std::string conditions_phrase(const Rule& rule);
// "approve (2 of sre-leads), preview, ticket".
std::string statement_phrase(const Rule& rule);
// "confirm twice", "approval by 1 person of sre-leads", "allow".
std::string decision_phrase(const Decision& decision);

// {"verdict","effect","tool","action","rule":{"id","source"},"reasons","message","labels",
// "obligations":{...}}: the stable object of `policy check --json` and of hooks.
Json decision_json(const Invocation& invocation, const Decision& decision);

}  // namespace prodaccess
