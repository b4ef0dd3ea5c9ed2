// `exec --aws-endpoint`: the container credentials endpoint instead of keys in the environment.
#pragma once

#include <memory>

#include "core/grant/provider.h"
#include "core/os/child_service.h"
#include "core/os/environment.h"

namespace prodaccess {

class Context;

// Takes the keys out of `variables` and what would come before an endpoint in a client's search.
// Throws Error{Usage} where the credential is none of AWS. The context must outlive the service.
std::unique_ptr<ChildService> serve_aws_endpoint(Context& context, const ServedRun& run,
                                                 GrantVariables& variables);

}  // namespace prodaccess
