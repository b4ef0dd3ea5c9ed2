// The credential that follows another of the same grant, for a command that runs long.
#pragma once

#include "cli/credential_source.h"
#include "core/grant/fresh_credential.h"

namespace prodaccess {

class Context;

// Empty where the credential is one command's alone: that one is not followed by another.
Successor successor_of(Context& context, CredentialSource& source, Tier tier);

}  // namespace prodaccess
