// aliased_command: what a word of a tool stands for by the user's own alias file (the AWS CLI's
// ~/.aws/cli/alias): more words of the tool, or after `!` a command of the shell.
//
// Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-alias.html
// The file is read through `inner`, so it counts as one of the files that a judgement depends on.
#pragma once

#include <optional>

#include "core/command/inner.h"
#include "core/command/pack/pack_blob.h"

namespace prodaccess::pack {

// Absent: the tool has no alias file, or no word of the command is an alias.
std::optional<Invocation> aliased_command(const PackBlob& blob, const ToolRecord& tool,
                                          const Words& words, Inner& inner);

}  // namespace prodaccess::pack
