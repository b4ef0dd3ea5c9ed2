#include "providers/vault/vault_revocation.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "providers/vault/vault_login.h"

namespace prodaccess {
namespace {

constexpr int kMostLooks = 10;  // for a lease that its token's end is to end
constexpr Milliseconds kLookPause{300};

bool is_gone(const VaultRefusal& refusal) {
  return refusal.says("invalid lease") || refusal.says("lease not found") ||
         refusal.says("invalid accessor") || refusal.says("lease expired");
}

}  // namespace

VaultCall VaultRevocation::post(const std::string& path, const std::string& body) const {
  VaultCall call;
  call.method = "POST";
  call.path = path;
  call.token = token_;
  call.body = seal(std::string(body));
  return call;
}

void VaultRevocation::failed(const std::string& what) { failures_.push_back(what); }

RevokeOutcome VaultRevocation::end(const VaultHandle& handle) {
  if (!handle.lease.empty()) end_lease(handle.lease);
  if (!handle.serial.empty()) end_serial(handle.serial_mount, handle.serial);
  // The lease is looked for while there is a token to look with.
  const bool look_first = !own_.empty() && own_ == token_;
  if (!handle.lease.empty() && look_first && !lease_left_to_token_) look_for_lease(handle.lease);
  end_tokens(handle.accessors);
  if (!handle.lease.empty() && !look_first) look_for_lease(handle.lease);
  if (lease_left_to_token_ && look_first) done_.push_back("lease left to the token's end");
  RevokeOutcome outcome;
  outcome.detail = join(done_, ", ");
  if (!failures_.empty()) {
    outcome.state = RevokeOutcome::State::Failed;
    outcome.detail = join(failures_, "; ") + (done_.empty() ? "" : " (" + outcome.detail + ")");
  } else if (!handle.serial.empty()) {
    outcome.state = RevokeOutcome::State::Revoked;
    outcome.alive_until = handle.lives_until;  // where nobody asks for the list
  } else if (handle.stored || handle.lives_until) {
    outcome.state = RevokeOutcome::State::NotRevocable;
    outcome.alive_until = handle.lives_until;
    outcome.detail += handle.stored ? "; the stored secret itself stays as it is"
                                    : "; what the engine gave out lives on to its own end";
  } else {
    outcome.state = RevokeOutcome::State::Revoked;
  }
  return outcome;
}

void VaultRevocation::end_lease(const std::string& lease) {
  const Json body = {{"lease_id", lease}, {"sync", true}};
  try {
    client_.call(post("sys/leases/revoke", canonical_json(body)), "revoke the lease");
    done_.push_back("lease revoked");
  } catch (const VaultRefusal& refusal) {
    if (is_gone(refusal)) {
      done_.push_back("lease was gone");
    } else if (refusal.status() == 403) {
      lease_left_to_token_ = true;  // our own login may not: ending the token ends its leases
    } else {
      failed(refusal.what());
    }
  }
}

void VaultRevocation::look_for_lease(const std::string& lease) {
  for (int look = 0; look < kMostLooks; ++look) {
    if (look > 0) std::this_thread::sleep_for(kLookPause);
    try {
      client_.call(post("sys/leases/lookup", json_texts({{"lease_id", lease}})),
                   "look for the lease");
    } catch (const VaultRefusal& refusal) {
      if (is_gone(refusal)) {
        done_.push_back("lease seen to be gone");
      } else {
        done_.push_back("the server does not let us look for the lease");
      }
      return;
    }
    if (!lease_left_to_token_) break;
  }
  failed("the lease " + escape_for_terminal(lease) + " is still there");
}

void VaultRevocation::end_serial(const std::string& mount, const std::string& serial) {
  try {
    client_.call(post(mount + "/revoke", json_texts({{"serial_number", serial}})),
                 "revoke the certificate");
    done_.push_back("certificate " + escape_for_terminal(serial) +
                    " revoked: servers refuse it once they have the list of " + mount + "/crl");
  } catch (const VaultRefusal& refusal) {
    failed(refusal.what());
  }
}

void VaultRevocation::end_tokens(const std::vector<std::string>& accessors) {
  if (accessors.empty()) return;
  for (const std::string& accessor : accessors) {
    if (!own_.empty()) {
      VaultCall call = post("auth/token/revoke-self", "");
      call.token = own_;
      const HttpResponse response = client_.send(call);
      // A dead token is told with 403.
      if (response.status != 204 && response.status != 200 && response.status != 403) {
        failed("the token was not revoked: status " + std::to_string(response.status));
        return;
      }
      break;  // its children die with it
    }
    try {
      client_.call(post("auth/token/revoke-accessor", json_texts({{"accessor", accessor}})),
                   "revoke the token");
    } catch (const VaultRefusal& refusal) {
      if (!is_gone(refusal)) {
        failed(refusal.what());
        return;
      }
    }
  }
  bool seen = true;
  for (const std::string& accessor : accessors) {
    const auto dead = is_dead(accessor);
    if (dead == false) {
      failed("the token is still alive");
      return;
    }
    seen = seen && dead.has_value();
  }
  done_.push_back(seen ? "token revoked and seen to be dead" : "token revoked");
}

std::optional<bool> VaultRevocation::is_dead(const std::string& accessor) {
  if (!own_.empty()) {
    VaultCall call;
    call.path = "auth/token/lookup-self";
    call.token = own_;
    return client_.send(call).status == 403;
  }
  try {
    client_.call(post("auth/token/lookup-accessor", json_texts({{"accessor", accessor}})),
                 "look for the token");
    return false;
  } catch (const VaultRefusal& refusal) {
    if (is_gone(refusal)) return true;
    return std::nullopt;  // our own login may not look
  }
}

}  // namespace prodaccess
