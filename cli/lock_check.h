// Locks at the three places where they count: a request, a command about to start, one that runs.
#pragma once

#include <string>

#include "core/ledger/locks.h"
#include "core/os/session_registry.h"

namespace prodaccess {

class Context;

LockGuard lock_guard(Context& context);
// Throws Error{Locked} where this person, host or `role` is locked; warns of a stale list.
void check_locks(Context& context, const std::string& role);
// For a running watcher, when the list changed: whether its session may go on. A list that cannot
// be believed ends it.
bool session_may_go_on(const SessionRecord& session);

}  // namespace prodaccess
