// Login: a place where a person signs in once, for all roles that lead there: an identity
// provider's browser or device flow. What comes of it lies in the durable store; `issue` uses and
// refreshes it.
//
// A provider that has such places gives one for a role (Provider::login). Two roles share a login
// where its name is the same.
//
// Errors: Error{Provider} for what the place refused, Error{Denied} where the person did not
// answer, Error{Keyring} where nothing durable can be kept. Threads: one.
#pragma once

#include <optional>
#include <string>

#include "core/base/time.h"

namespace prodaccess {

class Prompt;

struct LoginState {
  bool signed_in = false;
  std::optional<WallTime> until;  // when a person is asked again, where that is known
  std::string who;                // as the place calls them; "" where it does not say
};

class Login {
 public:
  virtual ~Login() = default;
  virtual std::string name() const = 0;   // what people call it: "corp"; a word
  virtual std::string kind() const = 0;   // "AWS IAM Identity Center"
  virtual std::string place() const = 0;  // its address: "https://corp.awsapps.com/start"
  // Asks the durable store, not the network.
  virtual LoginState state() = 0;
  // Tells the person what to do (a page, a code) and waits, with a deadline.
  virtual LoginState sign_in(Prompt& prompt) = 0;
  // Ends the session there where that can be done, and forgets what was kept. False: nothing was.
  virtual bool sign_out() = 0;
};

}  // namespace prodaccess
