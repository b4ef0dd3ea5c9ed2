// confirm: the typed confirmation at the controlling terminal.
#pragma once

#include <string>

#include "cli/credential_source.h"
#include "cli/judgement.h"
#include "core/command/command_line.h"
#include "core/os/program.h"
#include "core/policy/preview_summary.h"

namespace prodaccess {

class Context;

struct ConfirmRequest {
  const CommandLine& command;  // what will run
  const Program& program;
  const Judgement& judgement;
  const CredentialSource& source;
  const PreviewSummary& summary;
  std::string preview_ending;              // "would succeed (DryRunOperation)"
  std::vector<std::string> preview_lines;  // the tool's own output, not yet escaped
};

// Shows what will happen, takes the answers that the decision asks for, and checks at the end that
// they are good for exactly this command. Throws Error{Denied} for a wrong, late or missing answer.
void confirm_command(Context& context, const ConfirmRequest& request);

}  // namespace prodaccess
