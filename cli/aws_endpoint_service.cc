#include "cli/aws_endpoint_service.h"

#include <algorithm>
#include <array>

#include "cli/context.h"
#include "core/base/error.h"
#include "providers/aws/container_endpoint.h"

namespace prodaccess {
namespace {

// Files come before an endpoint in the clients' search, and the host's own role after it: a default
// profile would win, or the machine's role step in.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kShut{
    {{"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
     {"AWS_CONFIG_FILE", "/dev/null"},
     {"AWS_EC2_METADATA_DISABLED", "true"}}};
constexpr std::array<std::string_view, 4> kKeys{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                                "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"};

bool is_replaced(std::string_view name) {
  return std::find(kKeys.begin(), kKeys.end(), name) != kKeys.end() ||
         std::any_of(kShut.begin(), kShut.end(),
                     [&](const auto& shut) { return shut.first == name; });
}

}  // namespace

std::unique_ptr<ChildService> serve_aws_endpoint(Context& context, const ServedRun& run,
                                                 GrantVariables& variables) {
  if (run.credential.field("access_key_id").empty()) {
    throw Error(
        ErrorCode::Usage,
        "role " + run.role.name + " gives no credential of AWS: --aws-endpoint is not for it",
        {"the same without --aws-endpoint"});
  }
  std::erase_if(variables.secret, [](const auto& given) { return is_replaced(given.first); });
  std::erase_if(variables.plain, [](const auto& given) { return is_replaced(given.first); });
  for (const auto& [name, value] : kShut) variables.plain.emplace_back(name, value);
  return std::make_unique<ContainerEndpoint>(context.clock(), context.random(),
                                             run.fresh_credential(context.clock()));
}

}  // namespace prodaccess
