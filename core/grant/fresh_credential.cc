#include "core/grant/fresh_credential.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/grant/provider.h"

namespace prodaccess {
namespace {

constexpr Seconds kPatience{60};
constexpr Milliseconds kRetryPause{5000};
constexpr Milliseconds kFirstTry{15 * 60'000};  // botocore asks for new keys from here on
constexpr Milliseconds kShort{60'000};          // too short to be given out while another comes
constexpr Milliseconds kWorthwhile{5000};

}  // namespace

FreshCredential::FreshCredential(const Clock& clock, Credential credential, WallTime until,
                                 Successor successor)
    : clock_(clock),
      credential_(std::move(credential)),
      until_(until),
      successor_(std::move(successor)) {}

Milliseconds FreshCredential::left() const {
  const Moment now = clock_.now();
  if (!credential_.usable(now) || now.wall >= until_) return Milliseconds{0};
  return std::min(credential_.expires_at, until_) - now.wall;
}

bool FreshCredential::worth_giving() const { return left() > (call_ ? kShort : Milliseconds{0}); }

// Due in the last third of a credential's life, where its grant goes on after it.
void FreshCredential::look_ahead() {
  const Moment now = clock_.now();
  if (call_ || !successor_ || now.boot < next_try_ || now.wall >= until_) return;
  if (credential_.expires_at + kWorthwhile >= until_) return;
  const Milliseconds life = credential_.expires_at - credential_.issued_at;
  if (left() > std::min(kFirstTry, life / 3)) return;
  next_try_ = now.boot + kRetryPause;
  try {
    call_ = std::make_unique<BackgroundCall>(kPatience,
                                             [this] { return successor_(credential_.expires_at); });
  } catch (const Error& error) {
    failure_ = error.what();
  }
}

std::optional<int> FreshCredential::descriptor() const {
  if (!call_) return std::nullopt;
  return call_->descriptor();
}

bool FreshCredential::receive() {
  try {
    if (!call_->receive()) return false;
    const Secret bytes = call_->result();
    credential_ = Credential::parse(bytes.view());
    failure_.clear();
  } catch (const Error& error) {
    failure_ = error.what();
  }
  call_.reset();
  return true;
}

FreshCredential ServedRun::fresh_credential(const Clock& clock) const {
  return {clock, Credential::parse(credential.serialise().view()), until, successor()};
}

}  // namespace prodaccess
