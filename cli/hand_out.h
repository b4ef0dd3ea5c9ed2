// hand_out: a credential for another program, judged and recorded: the read tier goes to people and
// ci, the wide one only where the role says `hand_out = true`, and never to an agent.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/credential_source.h"
#include "core/base/secret.h"
#include "core/grant/credential.h"
#include "core/grant/role.h"

namespace prodaccess {

struct HandOut {
  SourceChoice source;
  bool wide = false;
};

// Whether who asks may have the wide credential of `role` itself, in print.
bool hands_out_wide(Context& context, const Role& role);

// --role, --once and what goes with them.
void add_hand_out_options(Command& command, HandOut* options);

// What `make` makes of the credential, written to standard output by the caller's `print` between
// the durable intent and its end. `form` is the ledger's word for what it becomes.
void hand_out(Context& context, const HandOut& options, const std::string& form,
              const std::function<Secret(const Role&, const Credential&)>& make,
              const std::function<void(const Secret&)>& print);

}  // namespace prodaccess
