// preview_run: runs what shows a command's result without doing it, and sums it up by our own
// count.
//
// Each preview is recorded like a command of its own. It gets the tier that its pack names and a
// deadline; what it prints is shown escaped. A preview that fails stops the command with the
// reason.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/credential_source.h"
#include "cli/judgement.h"
#include "core/policy/preview_summary.h"

namespace prodaccess {

class Context;

struct PreviewOutcome {
  PreviewKind kind = PreviewKind::None;  // the strongest that was run
  PreviewSummary summary;
  std::string ending;               // "would succeed", "347 rows", "none exists for this command"
  std::vector<std::string> output;  // lines of the tool itself, not yet escaped
};

// Runs the previews of the destructive parts of what was judged.
PreviewOutcome run_previews(Context& context, const Judgement& judgement, CredentialSource& source);

// For a command whose effect is in a plan: makes the plan, or takes a copy of the one that the line
// names; counts it into the judgement's invocation, and names the command that applies exactly that
// plan. Absent where the command has no plan.
struct ReadPlan {
  PreviewOutcome outcome;
  std::vector<std::string> apply;
  std::vector<std::string> folded;  // variables whose words are in `apply`
};
std::optional<ReadPlan> read_plan(Context& context, Judgement& judgement, CredentialSource& source,
                                  const std::string& session);

}  // namespace prodaccess
