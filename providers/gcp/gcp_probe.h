// What `doctor` says about a role of the GCP provider. It asks for a token of the base identity,
// which is thrown away, and for none of the accounts it may impersonate.
#pragma once

#include <vector>

#include "core/grant/provider.h"
#include "providers/gcp/gcp_host.h"
#include "providers/gcp/gcp_parameters.h"

namespace prodaccess {

std::vector<ProbeFinding> probe_gcp(const GcpHost& host, const GcpParameters& parameters);

}  // namespace prodaccess
