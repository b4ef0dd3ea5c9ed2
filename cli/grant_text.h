// A grant as `request`, `renew` and `status` show it.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/grant/grant.h"

namespace prodaccess {

class Context;

// The beginning of the id that people use: four digits, more where that is not unique.
std::string short_id(Context& context, const Grant& grant);

// "ops  111122223333 (production)  until 03:41 (30m)  grant 7f3a"
std::string grant_line(Context& context, const Grant& grant);

// Stable fields: id, role, provider, target, identity, from, until, seconds_left, reason, ticket,
// notes.
Json grant_json(Context& context, const Grant& grant);

}  // namespace prodaccess
