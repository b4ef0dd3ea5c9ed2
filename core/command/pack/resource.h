// Resources as kubectl names them: `deployments api web`, `deploy/api`, `po,svc`, `pods.v1.`.
#pragma once

#include <string>
#include <vector>

#include "core/command/pack/arguments.h"

namespace prodaccess::pack {

struct Resource {
  std::string kind;
  std::string name;   // empty: all of the kind
  bool known = true;  // false: the kind is not on the line
  bool name_known = true;
};

// `operands` from the one at which resources begin.
std::vector<Resource> resources_of(const PackBlob& blob, const ToolRecord& tool,
                                   std::span<const Value> operands);

}  // namespace prodaccess::pack
