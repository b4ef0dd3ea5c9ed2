// Policy: the rules in force, in layers, with the place each came from.
//
// Within a layer the strictest matching rule wins (deny > approve > confirm > allow), so order does
// not matter. The built-in table decides where no system rule does; its floors nothing lowers. The
// user's layer joins by the stricter verdict; where there is no system layer it stands in its place
// ("self-governed"). prodaccess-policy(5) is the contract.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

struct PolicyLayer;  // core/policy/layer.h

struct Policy {
  // One a file. Those of one list are one layer: what they say is joined.
  std::vector<std::shared_ptr<const PolicyLayer>> system;
  std::vector<std::shared_ptr<const PolicyLayer>> user;
  bool self_governed = true;
  // [environments]: "aws:111122223333" and kin to labels (labels.h).
  std::map<std::string, std::vector<std::string>, std::less<>> environments;
  std::optional<std::int64_t> scale_bound;  // [bounds] scale: the smallest given
  bool counts_rates = false;                // a rule counts destructive commands (`max_per_hour`)
  bool watches_anomalies = false;           // a rule looks at what is unusual (`anomaly`)
  std::string digest;                       // SHA-256 over the sources in force, hex
};

// One policy file: its name for messages, and its text.
struct PolicySource {
  std::string file;
  std::string text;
};

// The bytes of a time zone's TZif file ("Europe/Berlin"); absent: no such zone.
using ZoneSource = std::function<std::optional<std::string>(const std::string& name)>;

// Reads the sources. A system source that says something, or `system_layer` (there is one, perhaps
// without a policy file), makes the user's files narrow only: then [environments] in them is an
// error. Throws Error{Policy} with FILE:LINE:COLUMN.
Policy assemble_policy(const std::vector<PolicySource>& system,
                       const std::vector<PolicySource>& user, bool system_layer,
                       const ZoneSource& zones);

}  // namespace prodaccess
