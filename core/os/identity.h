// Who is asking: a person at a terminal, a CI job, or an agent.
//
// `human` needs all of: a controlling terminal; an ancestor that gives terminals to people (login,
// sshd, a terminal emulator, a multiplexer); no known agent or CI runner among the ancestors; no
// lowering sign. A variable that agents or CI set lowers only where the process that set it is an
// ancestor still: an editor started by an agent hands the variable on to its user's terminals.
// Nothing raises. This stops accidents, not a hostile program of the same user.
//
// `classify` is pure; `observe_caller` reads /proc.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/identity_class.h"
#include "core/os/process_info.h"

namespace prodaccess {

// One process above ours.
struct Ancestor {
  ProcessId id;
  std::string name;                    // as /proc gives it, at most 15 bytes
  std::vector<std::string> arguments;  // looked up only where the name says too little (node, ...)
  // The telling variables it was started with; absent: not for us to see.
  std::optional<std::vector<std::string>> variables;
};

struct CallerSnapshot {
  bool controlling_terminal = false;
  bool identity_uid_map = false;
  std::vector<std::string> variables;  // the telling ones among ours
  std::vector<Ancestor> ancestors;     // nearest first
};

struct Identity {
  IdentityClass identity = IdentityClass::Agent;
  std::string because;  // for people and the ledger: "agent claude (pid 4711) is an ancestor"
};

Identity classify(const CallerSnapshot& caller, const std::vector<std::string>& more_origins = {});

CallerSnapshot observe_caller();

// The requester as the kernel knows them. What they say of themselves ($USER, git) proves nothing.
struct Requester {
  uid_t uid = 0;
  std::optional<uid_t>
      login_uid;        // who logged in, through sudo and su; absent: the kernel has none
  std::string account;  // the uid's name, or its digits
  std::string host;
  std::string terminal;  // "pts/3"; empty: none
};

Requester observe_requester();

}  // namespace prodaccess
