// make_targets: what a command acts on, as its pack tells.
#pragma once

#include <vector>

#include "core/command/invocation.h"
#include "core/command/pack/condition.h"

namespace prodaccess::pack {

std::vector<Target> make_targets(const PackBlob& blob, const ToolRecord& tool,
                                 const Arguments& arguments, const Conditions& conditions);

}  // namespace prodaccess::pack
