#include "cli/aws_endpoint_service.h"

#include <algorithm>
#include <array>

#include "cli/access.h"
#include "cli/context.h"
#include "core/base/error.h"
#include "core/grant/grant_store.h"
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

// In a process of its own, with collaborators of its own: none of ours may be touched there.
Secret fetch_successor(const std::string& grant_id, Tier tier, WallTime later_than) {
  Context context(false);
  const auto grant = context.grants().find(grant_id);
  if (!grant || !grant->live(context.clock().now())) {
    throw Error(ErrorCode::NoGrant, "the grant has ended");
  }
  return live_credential(context, *grant, tier, later_than).serialise();
}

}  // namespace

std::unique_ptr<ChildService> serve_aws_endpoint(Context& context, CredentialSource& source,
                                                 Tier tier, GrantVariables& variables) {
  const Credential& credential = source.credential(tier);
  if (credential.fields.find("access_key_id") == credential.fields.end()) {
    throw Error(ErrorCode::Usage, "role " + source.role().name +
                                      " gives no credential of AWS: --aws-endpoint is not for it");
  }
  std::erase_if(variables.secret, [](const auto& given) { return is_replaced(given.first); });
  std::erase_if(variables.plain, [](const auto& given) { return is_replaced(given.first); });
  for (const auto& [name, value] : kShut) variables.plain.emplace_back(name, value);
  ContainerEndpoint::Refresh refresh;
  // What is one command's alone is not followed by another.
  if (!source.once() && keeps_credential(context, source.role(), tier)) {
    refresh = [id = source.grant().id, tier](WallTime later_than) {
      return fetch_successor(id, tier, later_than);
    };
  }
  Credential copy = Credential::parse(credential.serialise().view());
  return std::make_unique<ContainerEndpoint>(context.clock(), context.random(), std::move(copy),
                                             source.grant().until, std::move(refresh));
}

}  // namespace prodaccess
