// The reader of policy files: TOML, strict, every error with FILE:LINE:COLUMN.
// prodaccess-policy(5) is the format. Errors: Error{Policy}.
#pragma once

#include "core/policy/layer.h"
#include "core/policy/policy.h"

namespace prodaccess {

// `zones` gives the data of the time zones that `hours` name.
PolicyLayer read_policy_layer(const PolicySource& source, const ZoneSource& zones);

// `hours = { inside | outside, zone, days }`, which roles use too.
Hours read_hours(ConfigTable table, const ZoneSource& zones);

}  // namespace prodaccess
