// Policy: the rules in force, in layers, with the place each came from.
//
// Within a layer the strictest matching rule wins (deny > approve > confirm > allow), so order does
// not matter. The built-in table decides where no system rule does; its floors nothing lowers. The
// user's layer joins by the stricter verdict; where there is no system layer it stands in its place
// ("self-governed"). prodaccess-policy(5) is the contract.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prodaccess {

struct PolicyLayer;  // core/policy/rule.h

struct Policy {
  std::vector<std::shared_ptr<const PolicyLayer>> system;
  std::vector<std::shared_ptr<const PolicyLayer>> user;
  bool self_governed = true;
  // [environments]: "aws:111122223333" and kin to labels.
  std::map<std::string, std::vector<std::string>, std::less<>> environments;
  std::string digest;  // SHA-256 over the sources in force, hex
};

}  // namespace prodaccess
