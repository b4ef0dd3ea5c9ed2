// match_tool: one command of a packed tool, judged by its pack.
#pragma once

#include "core/command/inner.h"
#include "core/command/invocation.h"
#include "core/command/pack/pack_blob.h"
#include "core/command/word.h"

namespace prodaccess::pack {

// `words[0]` is the program. `dashed_verb`: the verb in the program's own name (git-reset), or "".
Invocation match_tool(const PackBlob& blob, const ToolRecord& tool, const Words& words,
                      std::string_view dashed_verb, Inner& inner);

}  // namespace prodaccess::pack
