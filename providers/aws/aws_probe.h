// What `doctor aws` finds of one role, without issuing anything: the endpoint, the base identity,
// the clock, what the role would get, the trust policy that makes source identity and tags
// mandatory, and what revocation can do.
//
// Errors: Error{Provider} and Error{Config} where the base identity or STS cannot be had.
#pragma once

#include <vector>

#include "core/grant/provider.h"
#include "providers/aws/host_profiles.h"

namespace prodaccess {

std::vector<ProbeFinding> probe_aws(AwsHost& host, const AwsParameters& parameters);

}  // namespace prodaccess
