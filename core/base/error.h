// Error: the one way in which something failed travels up to `cli/`, where it becomes one clear
// line.
//
// "Absent" is std::optional and "no" is a Decision; neither is an Error. A function between thrower
// and `cli/` catches only to add what it alone knows (a path, a role).
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace prodaccess {

enum class ErrorCode {
  Usage,             // the command line is wrong
  Config,            // a configuration file is wrong, unreadable or unsafe
  Policy,            // a policy or pack file is wrong, unreadable or unsafe
  Provider,          // the provider refused or could not be reached
  Keyring,           // no secret store works, or the one asked for does not
  Ledger,            // the ledger cannot be read, written or trusted
  System,            // the operating system refused something
  NoGrant,           // no grant, or it has expired or was revoked
  Denied,            // a rule, an approver or a missing confirmation said no
  ApprovalRequired,  // not yet: an approval is outstanding
  Locked,            // a lock stops this person, role or host
  NotFound,          // the named thing does not exist
  Unsafe,            // a program, folder or file may be changed by others
  Busy,              // somebody else holds it, and did not let go in time
  Internal,          // our own mistake
};

// The stable name that `--json` gives, e.g. "no_grant".
std::string_view code_name(ErrorCode code);

// `what` is one sentence without a final full stop: what happened, and to what. Each hint is a line
// that can be pasted, or says what to do next. Neither ever holds a secret.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& what, std::vector<std::string> hints = {});

  ErrorCode code() const { return code_; }
  const std::vector<std::string>& hints() const { return hints_; }

 private:
  ErrorCode code_;
  std::vector<std::string> hints_;
};

// An Error{System} that says what was tried and what errno answered.
Error system_error(const std::string& doing, int errno_value, std::vector<std::string> hints = {});

}  // namespace prodaccess
