// FreshCredential: the credential that a service gives to one child, followed by a longer-living
// one of its grant before it ends, so that a child that runs long never meets a dead one.
//
// The successor comes from a process of its own while its owner sleeps in a poll; the old one is
// given out meanwhile, as long as it is worth it.
//
// Errors: none; why there is no successor is in failure(). Threads: one, the supervising parent's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/grant/credential.h"
#include "core/os/clock.h"
#include "core/os/isolated_call.h"

namespace prodaccess {

// Gives a credential that ends later than the one held, serialised. Called in a process of its own,
// where no Secret made before exists. Empty: the one credential is all.
using Successor = std::function<Secret(WallTime later_than)>;

class FreshCredential {
 public:
  // `clock` must outlive it. `until`: the grant's end.
  FreshCredential(const Clock& clock, Credential credential, WallTime until, Successor successor);

  // Sends for a successor where one is due: before each time that the credential is given.
  void look_ahead();
  // Whether a successor is coming.
  bool awaited() const { return call_ != nullptr; }
  const Credential& held() const { return credential_; }
  // How much longer the one that is held may be used.
  Milliseconds left() const;
  // Whether it may be given: not over, nor too near its end while a successor is coming.
  bool worth_giving() const;
  const std::string& failure() const { return failure_; }  // of the last try; "" for none

  // Readable when the successor's process has something to say; absent: none is coming.
  std::optional<int> descriptor() const;
  // Takes what that process says; true: it has ended, with a successor or without.
  bool receive();
  void stop() { call_.reset(); }

 private:
  const Clock& clock_;
  Credential credential_;
  WallTime until_;
  Successor successor_;
  std::unique_ptr<BackgroundCall> call_;
  std::string failure_;
  BootTime next_try_{};
};

}  // namespace prodaccess
