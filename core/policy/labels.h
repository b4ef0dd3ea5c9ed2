// Labels: what trusted configuration calls the accounts, clusters, hosts, namespaces and databases
// that commands act on. What it does not know is `production`.
//
// Keys of [environments], each possibly a glob: "SYSTEM:ACCOUNT", "SYSTEM:ACCOUNT/REGION",
// "SYSTEM:CLUSTER", "SYSTEM:CLUSTER/NAMESPACE", "SYSTEM:NAMESPACE", "SYSTEM:NAME",
// "SYSTEM:KIND/NAME". All keys that fit a target give it their labels.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/command/invocation.h"

namespace prodaccess {

using Environments = std::map<std::string, std::vector<std::string>, std::less<>>;

// Whether a key (or glob) of `keys`, in the form above, fits the target.
bool any_fits(const std::vector<std::string>& keys, const Target& target);

std::set<std::string> labels_of(const Target& target, const Environments& environments);

// `target` with what it leaves open taken from `known`, where both are of one system.
Target filled_in(const Target& target, const Target& known);

}  // namespace prodaccess
