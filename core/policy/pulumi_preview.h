// pulumi_preview: what Pulumi says that it would do, by our own count.
//
// Two texts: the file of `pulumi preview --save-plan` ("resourcePlans", by URN, each with its
// "steps") and the digest of `--preview-only --json` ("steps", each with "op" and "urn").
// Source: pulumi/sdk go/common/apitype/plan.go, pkg/backend/display/json.go. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "core/policy/preview_summary.h"

namespace prodaccess {

// Absent: it is no such text. Throws Error{Denied} for one that cannot be read.
std::optional<PreviewSummary> summarize_pulumi_plan(std::string_view text);
std::optional<PreviewSummary> summarize_pulumi_digest(std::string_view text);

}  // namespace prodaccess
