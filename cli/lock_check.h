// Locks at the three places where they count: a request, a command about to start, one that runs.
#pragma once

#include <string>

#include "core/ledger/locks.h"
#include "core/os/session_registry.h"

namespace prodaccess {

class Context;

LockGuard lock_guard(Context& context);
// Throws Error{Locked} where this person, host or `role` is locked, by the list or by a rule of the
// policy; warns of a stale list.
void check_locks(Context& context, const std::string& role);
// Locks `role` for this user, since the rule `rule` refused a command and says `lock`. It is kept
// in the state folder and recorded; `unlock --role` takes it off.
void hold_role(Context& context, const std::string& role, const std::string& rule);
// False: it was not held.
bool release_role(Context& context, const std::string& role);

// For a running watcher, when the list changed: whether its session may go on. A list that cannot
// be believed ends it.
bool session_may_go_on(const SessionRecord& session);

}  // namespace prodaccess
