// make_preview: the argv of a destructive command's preview, from the pack's template.
//
// A template is words parted by blanks. Placeholders:
//   {command}      the command's words up to `--`    {rest}     `--` and the words after it
//   {globals}      the tool's own options as typed   {--opt}    the values of an option
//   {+--opt}       an option and its values as typed, or nothing
//   {$1} {$1..}    operands                          {plan}     stays, for the caller to fill in
// Only words that are wholly on the line and, alone, cannot be taken for an option are used; where
// one is not, the preview is None.
#pragma once

#include "core/command/invocation.h"
#include "core/command/pack/arguments.h"

namespace prodaccess::pack {

Preview make_preview(const PackBlob& blob, const PreviewRecord& record, const Arguments& arguments);

}  // namespace prodaccess::pack
