#include "cli/successor.h"

#include "cli/access.h"
#include "cli/context.h"
#include "core/base/error.h"
#include "core/grant/grant_store.h"

namespace prodaccess {
namespace {

// In a process of its own, with collaborators of its own: none of ours may be touched there.
Secret fetch(const std::string& grant_id, Tier tier, WallTime later_than) {
  Context context(false);
  const auto grant = context.grants().find(grant_id);
  if (!grant || !grant->live(context.clock().now())) {
    throw Error(ErrorCode::NoGrant, "the grant has ended");
  }
  return live_credential(context, *grant, tier, later_than).serialise();
}

}  // namespace

Successor successor_of(Context& context, CredentialSource& source, Tier tier) {
  if (source.once() || !keeps_credential(context, source.role(), tier)) return {};
  return
      [id = source.grant().id, tier](WallTime later_than) { return fetch(id, tier, later_than); };
}

}  // namespace prodaccess
