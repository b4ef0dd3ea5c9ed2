#include "core/grant/provider.h"

namespace prodaccess {

std::string_view revoke_state_name(RevokeOutcome::State state) {
  switch (state) {
    case RevokeOutcome::State::Revoked: return "revoked";
    case RevokeOutcome::State::NotRevocable: return "not_revocable";
    case RevokeOutcome::State::Failed: return "failed";
  }
  return "failed";
}

}  // namespace prodaccess
